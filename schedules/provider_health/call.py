"""One call to a provider, through the address guard, and what came of it."""

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
import orjson

from db.contracts.json_pointer import value_at
from db.contracts.provider import CheckOutcome, ErrorType, Expectation, Key, Seen
from db.contracts.webhook_address import ForbiddenAddressError
from db.guarded_http import client as http
from db.guarded_http.client import Response
from db.guarded_http.connection import NoAnswerError

MAX_BYTES = 1024 * 1024
TOO_MANY_REQUESTS = 429
NOT_MODIFIED = 304
HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and when the answer is the right one."""

    url: str
    """Without the key."""
    expected: Expectation
    key: Key | None = None
    secret: str = ""
    etag: str | None = None
    """What the answer is known by already."""
    is_read: bool = False
    """Whether the answer is wanted as a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What came of one call."""

    seen: Seen
    headers: Mapping[str, str] = field(default_factory=dict)
    document: Any = None
    is_unchanged: bool = False
    """The document is the one that is known already."""

    @property
    def is_answered(self) -> bool:
        return self.seen.status is not None


def call(client: httpx2.Client, question: Question) -> Called:
    """Make the call; whatever fails is in what was seen, and no key is."""
    started = time.monotonic()
    try:
        answer = http.get(
            client,
            _address(question),
            headers=_headers(question),
            # One more than is read: what is cut is not mistaken for the whole.
            max_bytes=MAX_BYTES + 1,
            timeout_seconds=question.expected.timeout_ms / 1000,
        )
    except (ForbiddenAddressError, NoAnswerError) as error:
        type_ = error_type_of(error)
        is_late = type_ is ErrorType.TIMEOUT
        seen = Seen(
            outcome=CheckOutcome.TIMEOUT if is_late else CheckOutcome.FAILED,
            # Without a call there is no time that it took.
            response_ms=None
            if type_ is ErrorType.FORBIDDEN_ADDRESS
            else _ms_since(started),
            error_type=type_,
            error=_without_key(str(error), question.secret),
        )
        return Called(seen=seen)
    return _judged(question, answer, _ms_since(started))


def error_type_of(error: Exception) -> ErrorType:
    """Return why there is no answer: what lies deepest says it."""
    if isinstance(error, ForbiddenAddressError):
        return ErrorType.FORBIDDEN_ADDRESS
    causes = list(_causes(error))
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return ErrorType.TIMEOUT
    # A connection that ends in the handshake is broken, whatever OpenSSL calls it.
    if any(
        isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError)
        for cause in causes
    ):
        return ErrorType.TLS
    return ErrorType.NETWORK


def _judged(question: Question, answer: Response, took_ms: float) -> Called:
    expected = question.expected
    told: dict[str, Any] = {
        "response_ms": took_ms,
        "status": answer.status,
        "size": min(len(answer.body_head), MAX_BYTES),
    }
    if answer.status == NOT_MODIFIED and question.etag is not None:
        return Called(
            seen=_right(expected, told), headers=answer.headers, is_unchanged=True
        )
    if answer.status not in expected.statuses:
        return Called(seen=_of_status(expected, told), headers=answer.headers)
    if not question.is_read and not expected.pointer:
        return Called(seen=_right(expected, told), headers=answer.headers)
    try:
        document = _document(answer.body_head, expected.pointer)
    except _ContentError as error:
        seen = Seen(
            outcome=CheckOutcome.FAILED,
            error_type=ErrorType.CONTENT,
            error=str(error),
            **told,
        )
        return Called(seen=seen, headers=answer.headers)
    return Called(
        seen=_right(expected, told), headers=answer.headers, document=document
    )


class _ContentError(Exception):
    """It is not what was expected; the message says why."""


def _document(body: bytes, pointer: str) -> Any:
    if len(body) > MAX_BYTES:
        raise _ContentError(f"the answer is longer than {MAX_BYTES} bytes")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _ContentError("the answer is no JSON") from None
    if pointer and value_at(document, pointer) is None:
        raise _ContentError(f"there is nothing at {pointer}")
    return document


def _right(expected: Expectation, told: dict[str, Any]) -> Seen:
    """Return what is seen of the right answer, which may have come too late."""
    if told["response_ms"] < expected.degraded_ms:
        return Seen(outcome=CheckOutcome.SUCCESS, **told)
    return Seen(
        outcome=CheckOutcome.SUCCESS,
        error_type=ErrorType.SLOW,
        error=f"it took {told['response_ms']:.0f} ms",
        **told,
    )


def _of_status(expected: Expectation, told: dict[str, Any]) -> Seen:
    if told["status"] == TOO_MANY_REQUESTS:
        return Seen(
            outcome=CheckOutcome.RATE_LIMITED,
            error_type=ErrorType.RATE_LIMITED,
            error="it was asked too often (429)",
            **told,
        )
    wanted = ", ".join(str(each) for each in expected.statuses)
    return Seen(
        outcome=CheckOutcome.FAILED,
        error_type=ErrorType.STATUS,
        error=f"it answered {told['status']}, and {wanted} was expected",
        **told,
    )


def _address(question: Question) -> str:
    if question.key is None or question.key.place != "query":
        return question.url
    address, hash_, fragment = question.url.partition("#")
    joint = "&" if "?" in address else "?"
    pair = f"{question.key.name}={quote(question.secret, safe='')}"
    return f"{address}{joint}{pair}{hash_}{fragment}"


def _headers(question: Question) -> dict[str, str]:
    headers = {"accept": "application/json"}
    if question.etag is not None:
        headers["if-none-match"] = question.etag
    if question.key is not None and question.key.place == "bearer":
        headers["authorization"] = f"Bearer {question.secret}"
    elif question.key is not None and question.key.place == "header":
        headers[question.key.name] = question.secret
    return headers


def _without_key(text: str, secret: str) -> str:
    if not secret:
        return text
    return text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)
