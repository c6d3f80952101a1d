"""Limits of requests: headers on every answer, a true Retry-After, /v1/limits."""

import re
import time

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.guard.limits import Limits
from db.contracts.errors import RateLimitedError
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import serving
from tests.waiting import wait_until

POLICY = re.compile(r'"[a-z_]+";q=\d+;w=\d+')
STANDING = re.compile(r'"[a-z_]+";r=(\d+);t=(\d+)')
SOLVE = {"problem_matrix": "no matrix"}


@pytest.fixture
def limited(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    """Return an application whose buckets hold three requests and fill slowly."""
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        rate_limits="solve=3/0.01,read=1000/1,submit=2/4",
    )


@pytest.fixture
def caller(limited: FastAPI) -> TestClient:
    return TestClient(limited, raise_server_exceptions=False)


def test_what_is_over_the_limit_is_refused_and_told_when_to_come_back(
    caller: TestClient,
) -> None:
    statuses = [caller.post("/solve", json=SOLVE).status_code for _ in range(3)]
    assert statuses == [422, 422, 422]
    answer = caller.post("/solve-async", json=SOLVE)
    assert answer.status_code == 429
    told = answer.json()
    assert told["error_code"] == "RATE_LIMIT_EXCEEDED"
    assert told["type"].endswith("#quota-exceeded")
    assert told["violated-policies"] == ["solve"]
    assert 99 <= int(answer.headers["retry-after"]) <= 100
    found = STANDING.fullmatch(answer.headers["ratelimit"])
    assert found is not None
    assert (found[1], found[2]) == ("0", answer.headers["retry-after"])
    assert answer.headers["ratelimit-policy"] == '"solve";q=3;w=300'
    assert answer.headers["x-ratelimit-limit"] == "3"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert 290 < int(answer.headers["x-ratelimit-reset"]) - time.time() <= 301
    # Another family's bucket is another bucket.
    assert caller.get("/v1/methods").status_code == 200


def test_who_waits_as_long_as_told_is_let_in(caller: TestClient) -> None:
    wrong = {"instance": {"name": "none"}}
    statuses = [caller.post("/v1/jobs", json=wrong).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]
    refused_at = time.monotonic()
    wait_until(lambda: caller.post("/v1/jobs", json=wrong).status_code != 429)
    # A refused request costs nothing: the next token comes after 1/4 s all the same.
    assert time.monotonic() - refused_at < 1.0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/metrics/prometheus", 200),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/v1/jobs", 200),
        ("GET", "/v1/jobs/job_no", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/v1/methods", 405),
        ("POST", "/solve", 422),
        ("GET", "/broken", 500),
    ],
)
def test_every_answer_has_the_headers(
    limited: FastAPI, caller: TestClient, method: str, path: str, status: int
) -> None:
    @limited.get("/broken")
    def broken() -> None:
        raise RuntimeError

    answer = caller.request(method, path)
    assert answer.status_code == status
    assert POLICY.fullmatch(answer.headers["ratelimit-policy"])
    assert STANDING.fullmatch(answer.headers["ratelimit"])
    for name in ("limit", "remaining", "reset"):
        assert answer.headers[f"x-ratelimit-{name}"].isdecimal()


def test_probes_are_never_refused_and_cost_nothing(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url=sqlite_url, redis_url=valkey.redis_url, rate_limits="read=2/0.01"
    )
    client = TestClient(app)
    for _ in range(10):
        answer = client.get("/healthz")
        assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (
            200,
            "2",
        )
    assert [client.get("/v1/methods").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get("/healthz")
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, "0")


def test_without_limits_there_are_no_headers(client: TestClient) -> None:
    assert not [name for name in client.get("/healthz").headers if "ratelimit" in name]
    assert client.get("/v1/limits").json()["families"] == []


def test_addresses_of_one_network_share_and_others_do_not(limited: FastAPI) -> None:
    def ask(address: str) -> int:
        client = TestClient(limited, client=(address, 1))
        return client.post("/solve", json=SOLVE).status_code

    one_network = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:8000::3"]
    assert [ask(address) for address in one_network] == [422] * 3
    assert ask("2001:db8::4") == 429
    assert ask("2001:db8:0:1::1") == 422
    assert [ask("192.0.2.1") for _ in range(4)] == [422, 422, 422, 429]
    # The same address, as a socket for both kinds shows it.
    assert ask("::ffff:192.0.2.1") == 429
    assert ask("192.0.2.2") == 422


def test_what_stands_in_a_header_changes_no_bucket(limited: FastAPI) -> None:
    client = TestClient(limited, client=("192.0.2.1", 1))
    statuses = [
        client.post(
            "/solve",
            json=SOLVE,
            headers={
                "X-Forwarded-For": f"198.51.100.{number}",
                "Forwarded": f"for=198.51.100.{number}",
                "X-Real-IP": f"198.51.100.{number}",
                "X-Client-IP": f"198.51.100.{number}",
            },
        ).status_code
        for number in range(4)
    ]
    assert statuses == [422, 422, 422, 429]


def test_all_limits_are_told_to_whom_they_hold_for(caller: TestClient) -> None:
    caller.post("/solve", json=SOLVE)
    told = caller.get("/v1/limits").json()
    families = {each["name"]: each for each in told["families"]}
    assert families["solve"]["remaining"] == 2
    assert families["submit"]["remaining"] == families["submit"]["capacity"] == 2
    assert families["read"]["remaining"] == 999
    assert 90 < families["solve"]["next_s"] <= 100
    assert "auth_failures" not in families
    settings = Settings()
    assert told["caller"] == "testclient"
    assert told["is_shared"]
    assert told["max_body_bytes"] == settings.max_body_bytes
    assert told["max_order"] == settings.max_order
    assert told["max_queued"] == settings.max_queued_per_caller


def test_an_address_that_guesses_keys_is_soon_refused(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        rate_limits="auth_failures=3/0.01",
    )
    limits: Limits = app.state.limits

    @app.get("/guess")
    async def guess(address: str) -> None:
        limits.refuse_guessers(address)
        await limits.count_auth_failure(address)

    client = TestClient(app)
    for status in (200, 200, 200, 429):
        assert client.get("/guess?address=192.0.2.1").status_code == status
    assert client.get("/guess?address=192.0.2.2").status_code == 200
    with pytest.raises(RateLimitedError):
        limits.refuse_guessers("192.0.2.1")


def test_limits_hold_while_redis_is_away_and_after_it_is_back(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url=sqlite_url,
        redis_url=own_valkey.redis_url,
        rate_limits="solve=6/0.01",
    )
    with serving(app) as live, Asking(live.url) as client:
        ask = client.solve
        assert [ask() for _ in range(3)] == [422] * 3
        own_valkey.stop()
        # From where Redis was, and no further.
        assert [ask() for _ in range(4)] == [422, 422, 422, 429]
        assert not client.limits()["is_shared"]
        own_valkey.start()
        wait_until(lambda: client.limits()["is_shared"])
        # It kept nothing on disk, so it begins anew; and still it limits.
        assert [ask() for _ in range(7)] == [422] * 6 + [429]


class Asking:
    """Asks a server with real connections."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.Client(base_url=url, trust_env=False, timeout=10)

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def solve(self) -> int:
        return self._client.post("/solve", json=SOLVE).status_code

    def limits(self) -> dict[str, object]:
        told: dict[str, object] = self._client.get("/v1/limits").json()
        return told
