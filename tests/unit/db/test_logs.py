"""What a process writes: one line a record, and no secret in it."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from db.contracts.settings import Settings
from db.logs import TICKS, configure_logging
from schedules.beat import SCHEDULES

SECRET = "whsec_c2VjcmV0+/=="
URL = "redis://user:hunter2@host:6379/0"
KEY = "sq_ab2345cd_c2VjcmV0aHVudGVyMmh1bnRlcjI"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJjMlZqY21WMCI6MX0.c2VjcmV0-hunter2"
STREAM_TOKEN = "sqst_eyJhbGci.eyJhdWQi.c2VjcmV0-hunter2"
ADDRESS = "GET /v1/ws?after=1&token=c2VjcmV0hunter2 HTTP/1.1"
HEADER = "Authorization: Bearer c2VjcmV0hunter2"
logger = logging.getLogger("somewhere")


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    configure_logging(Settings())
    yield text
    logging.captureWarnings(False)
    root.handlers[:] = before
    root.setLevel(level)


def configure_again(
    patch: pytest.MonkeyPatch, output: io.StringIO, **settings: str
) -> None:
    # What a fixture has put there is replaced before the test itself.
    patch.setattr(sys, "stderr", output)
    configure_logging(Settings(**settings))  # type: ignore[arg-type]


def record(output: io.StringIO) -> Any:
    (line,) = output.getvalue().splitlines()
    return json.loads(line)


def test_a_record_is_one_line_of_json(output: io.StringIO) -> None:
    logger.info("claimed", extra={"action": "job_claimed", "attempt": 2})
    found = record(output)
    assert found["event"] == "claimed"
    assert (found["action"], found["attempt"]) == ("job_claimed", 2)
    assert (found["level"], found["logger"]) == ("info", "somewhere")
    assert found["timestamp"].endswith("Z")


@pytest.mark.parametrize("text", ["a\r\nb", "a\u2028b", "\x1b[31mred", "a\x00b"])
def test_whatever_a_message_holds_it_stays_one_line(
    output: io.StringIO, text: str
) -> None:
    logger.warning("from outside: %s", text, extra={"field": text})
    assert len(output.getvalue().splitlines()) == 1
    assert record(output)["field"] == text
    assert "\x1b" not in output.getvalue()


@pytest.mark.parametrize(
    "secret", [SECRET, URL, KEY, TOKEN, STREAM_TOKEN, ADDRESS, HEADER]
)
@pytest.mark.parametrize(
    "where",
    [
        lambda it: logger.error(it),
        lambda it: logger.error("%s", it),
        lambda it: logger.error("x", extra={"url": it}),
        lambda it: logger.error("x", extra={"url": {"inner": [it]}}),
        lambda it: logger.error("x", extra={"reason": ValueError(it)}),
        lambda it: logger.error("x", exc_info=ValueError(it)),
    ],
    ids=["message", "argument", "field", "nested", "object", "traceback"],
)
def test_no_secret_is_written(output: io.StringIO, where: Any, secret: str) -> None:
    where(secret)
    assert "hunter2" not in output.getvalue()
    assert "c2VjcmV0" not in output.getvalue()
    assert "***" in output.getvalue()


@pytest.mark.parametrize(
    "name", ["Authorization", "api_key", "webhook_secret", "password", "set-cookie"]
)
def test_a_field_that_is_named_so_is_not_written(
    output: io.StringIO, name: str
) -> None:
    logger.info("x", extra={name: "hunter2", "headers": {name: ["hunter2"]}})
    assert "hunter2" not in output.getvalue()
    assert record(output)[name] == "***"


def test_a_key_is_still_known_by_its_beginning(output: io.StringIO) -> None:
    logger.info("used %s", KEY)
    assert record(output)["event"] == "used sq_ab2345cd_***"


@pytest.mark.parametrize(
    ("form", "is_json"), [("auto", True), ("json", True), ("console", False)]
)
def test_the_form_is_as_asked_for(
    output: io.StringIO, monkeypatch: pytest.MonkeyPatch, form: str, is_json: bool
) -> None:
    configure_again(monkeypatch, output, log_format=form)
    logger.info("claimed", extra={"action": "job_claimed"})
    (line,) = output.getvalue().splitlines()
    assert line.startswith("{") == is_json
    assert "job_claimed" in line


def test_what_the_server_says_has_the_same_form(
    output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = logging.getLogger("uvicorn.error")
    theirs.addHandler(logging.StreamHandler())
    theirs.propagate = False
    configure_again(monkeypatch, output)
    theirs.info("Started server process")
    assert record(output)["logger"] == "uvicorn.error"


def test_a_warning_is_a_line_too(
    output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_again(monkeypatch, output)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)
    assert record(output)["logger"] == "py.warnings"


def test_a_url_without_credentials_stays_as_it_is(output: io.StringIO) -> None:
    logger.info("x", extra={"url": "https://host/path?mail=a@b"})
    assert record(output)["url"] == "https://host/path?mail=a@b"


def tell_of_ticks() -> None:
    trace = logging.getLogger("celery.app.trace")
    for name in ("dispatch", "market_data"):
        logging.getLogger("celery.beat").info("Sending due task %s", SCHEDULES[name])
        trace.info("Task %s[%s] succeeded", SCHEDULES[name].task, "1-2-3")


def test_ticks_fill_no_log(output: io.StringIO) -> None:
    tell_of_ticks()
    assert output.getvalue() == ""
    logging.getLogger("celery.app.trace").error("Task %s failed", TICKS[0])
    assert "failed" in record(output)["event"]


def test_who_asks_for_every_detail_sees_ticks(output: io.StringIO) -> None:
    logging.getLogger().setLevel("DEBUG")
    tell_of_ticks()
    assert len(output.getvalue().splitlines()) == 4


def test_what_is_too_quiet_is_not_written(output: io.StringIO) -> None:
    logger.debug("whisper")
    assert output.getvalue() == ""


def test_no_key_and_no_token_is_written(output: io.StringIO) -> None:
    secret = "s" * 43
    sent = {"token": "eyJhbGc.eyJz.sig", "header": "Bearer eyJhbGc.eyJz.sig"}
    logger.info("Bearer sq_abcdefgh_%s", secret, extra=sent)
    assert secret not in output.getvalue()
    found = record(output)
    assert "sq_abcdefgh_***" in found["event"]
    assert (found["token"], found["header"]) == ("***", "Bearer eyJ***")
