"""A provider's numbers are read as they are, and a failure is a gap that says why."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from db.backplane import Backplane
from db.contracts.market import GapReason, MarketValues
from db.contracts.settings import Settings
from db.models import MarketTick
from schedules.market import provider as module
from schedules.market.provider import MAX_BYTES, Provider
from schedules.market.source import GapError
from schedules.market_data import take_tick
from tests.sample_market import ticks

NUMBER = 179_000_000
RATES = {"data": [{"rate": 4.5}, {"rate": "0.031"}], "idx/tech": 101.25, "a~b": True}
POINTERS = (
    "discount_rate=/data/0/rate*0.01,inflation_rate=/data/1/rate,tech_index=/idx~1tech"
)


class Rates(ThreadingHTTPServer):
    """Answers as the test says, and keeps what it was asked with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, str]] = []
        self.status = 200
        self.body = json.dumps(RATES).encode()
        self.etag: str | None = None
        self.headers: dict[str, str] = {}

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hangs up early: it is meant to."""


class Handler(BaseHTTPRequestHandler):
    server: Rates

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append({**told, "path": self.path})
        etag = self.server.etag
        is_known = etag is not None and told.get("if-none-match") == etag
        body = b"" if is_known else self.server.body
        self.send_response(304 if is_known else self.server.status)
        if etag is not None:
            self.send_header("ETag", etag)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rates]:
    monkeypatch.setattr(module, "_left_alone_until", {})
    with Rates() as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def provider(rates: Rates, *, pointers: str = POINTERS, **settings: object) -> Provider:
    return Provider(
        Settings(
            webhook_allow_cidrs="127.0.0.0/8",
            market_provider_url=f"http://127.0.0.1:{rates.server_port}/v1?key=hidden",
            market_provider_pointers=pointers,
            **settings,  # type: ignore[arg-type]
        )
    )


def gap(source: Provider) -> tuple[GapReason, str]:
    with pytest.raises(GapError) as caught:
        source.read(NUMBER, None)
    return caught.value.reason, caught.value.detail


def test_numbers_are_where_the_pointers_point(rates: Rates) -> None:
    source = provider(rates, market_provider_token="s3cret")
    reading = source.read(NUMBER, None)
    wanted = MarketValues(discount_rate=0.045, inflation_rate=0.031, tech_index=101.25)
    assert reading.values.model_dump() == pytest.approx(wanted.model_dump())
    assert reading.validator is None
    assert (source.label, source.is_simulated) == ("provider:127.0.0.1", False)
    (asked,) = rates.asked
    assert asked["path"] == "/v1?key=hidden"
    assert asked["authorization"] == "Bearer s3cret"


def test_what_has_not_changed_is_not_sent_again(
    rates: Rates, sqlite_backplane: Backplane
) -> None:
    rates.etag = '"one"'
    source = provider(rates)
    for number in range(NUMBER, NUMBER + 3):
        take_tick(sqlite_backplane, number, source)
        # What it would send is never asked for.
        rates.body = b"not even JSON"
    found = ticks(sqlite_backplane)
    assert [each.gap for each in found] == [None] * 3
    assert {each.tech_index for each in found} == {101.25}
    known = [asked.get("if-none-match") for asked in rates.asked]
    assert known == [None, '"one"', '"one"']


@pytest.mark.parametrize("etag", ['"é"', '"' + "x" * 300 + '"', ""])
def test_a_version_that_cannot_be_sent_back_is_not_kept(
    rates: Rates, sqlite_backplane: Backplane, etag: str
) -> None:
    rates.etag = etag
    source = provider(rates)
    for number in (NUMBER, NUMBER + 1):
        take_tick(sqlite_backplane, number, source)
    assert [each.gap for each in ticks(sqlite_backplane)] == [None, None]
    assert "if-none-match" not in rates.asked[-1]


def test_an_answer_to_other_pointers_is_not_reused(
    rates: Rates, sqlite_backplane: Backplane
) -> None:
    rates.etag = '"one"'
    take_tick(sqlite_backplane, NUMBER, provider(rates))
    other = provider(rates, pointers="market_growth=/data/1/rate")
    take_tick(sqlite_backplane, NUMBER + 1, other)
    last = ticks(sqlite_backplane)[-1]
    assert (last.market_growth, last.tech_index) == (0.031, None)
    assert "if-none-match" not in rates.asked[-1]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (503, b"{}", (GapReason.BAD_STATUS, "503")),
        (301, b"{}", (GapReason.BAD_STATUS, "301")),
        (304, b"", (GapReason.BAD_STATUS, "304")),
        (200, b"<html>", (GapReason.NOT_JSON, "")),
        (200, b'{"data": NaN}', (GapReason.NOT_JSON, "")),
        (200, b" " * MAX_BYTES + b"{}", (GapReason.TOO_LARGE, "")),
        (200, b"[]", (GapReason.NO_VALUE, "discount_rate")),
        (200, b'{"data": [{"rate": 4.5}]}', (GapReason.NO_VALUE, "inflation_rate")),
        (200, b'{"data": [{"rate": true}]}', (GapReason.NO_VALUE, "discount_rate")),
        (200, b'{"data": [{"rate": "nan"}]}', (GapReason.NO_VALUE, "discount_rate")),
        (
            200,
            json.dumps({**RATES, "idx/tech": -1}).encode(),
            (GapReason.OUT_OF_RANGE, "tech_index"),
        ),
        (
            200,
            json.dumps({**RATES, "idx/tech": "1e999"}).encode(),
            (GapReason.NO_VALUE, "tech_index"),
        ),
    ],
)
def test_a_failure_is_a_gap_with_its_reason(
    rates: Rates, status: int, body: bytes, why: tuple[GapReason, str]
) -> None:
    rates.status, rates.body = status, body
    assert gap(provider(rates)) == why


@pytest.mark.parametrize(
    "wait", ["3600", "99999999999", "Sun, 01 Jan 2090 00:00:00 GMT"]
)
def test_a_provider_that_asks_for_it_is_left_alone(rates: Rates, wait: str) -> None:
    rates.status, rates.headers = 429, {"Retry-After": wait}
    # Asked by its question: another tick makes another provider of the same settings.
    assert gap(provider(rates)) == (GapReason.BAD_STATUS, "429")
    assert gap(provider(rates)) == (GapReason.ASKED_TO_WAIT, "")
    assert len(rates.asked) == 1


@pytest.mark.parametrize("wait", ["0", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_provider_that_asks_for_nothing_is_asked_again(
    rates: Rates, wait: str
) -> None:
    rates.status, rates.headers = 503, {"Retry-After": wait}
    assert gap(provider(rates)) == (GapReason.BAD_STATUS, "503")
    rates.status = 200
    assert provider(rates).read(NUMBER, None).values.tech_index == 101.25


def test_a_provider_that_is_away_is_a_gap(
    rates: Rates, caplog: pytest.LogCaptureFixture
) -> None:
    source = provider(rates)
    rates.server_close()
    with caplog.at_level(logging.WARNING):
        assert gap(source) == (GapReason.UNREACHABLE, "")
    assert "hidden" not in caplog.text
    (record,) = (r for r in caplog.records if r.message == "provider not read")
    assert "hidden" not in repr(record.__dict__)


def test_a_private_address_is_not_called(
    rates: Rates, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A name passes the settings, for what it leads to is known only when it is called.
    closed = Provider(
        Settings(
            market_provider_url=f"https://localtest.example:{8443}/",
            market_provider_pointers=POINTERS,
        )
    )
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 8443))]
    )
    assert gap(closed) == (GapReason.FORBIDDEN_ADDRESS, "")
    assert rates.asked == []


def test_nothing_secret_is_logged_in_all_detail(
    rates: Rates, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        provider(rates, market_provider_token="s3cret").read(NUMBER, None)
    # Those of the libraries that are written at all: see db/logs.py.
    told = [
        r.getMessage() for r in caplog.records if r.name.partition(".")[0] != "httpx2"
    ]
    assert told
    assert "hidden" not in str(told)
    assert "s3cret" not in str(told)


def test_nothing_secret_is_in_a_row(rates: Rates, sqlite_backplane: Backplane) -> None:
    rates.etag = '"one"'
    source = provider(rates, market_provider_token="s3cret")
    taken = take_tick(sqlite_backplane, NUMBER, source)
    assert isinstance(taken, MarketTick)
    text = repr(vars(taken))
    assert "hidden" not in text
    assert "s3cret" not in text
