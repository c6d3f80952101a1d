"""What both transports know: errors in our words, and what may be sent again."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from secrets import SystemRandom
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import httpx2
from pydantic import BaseModel, ValidationError

from api.client.exceptions import (
    ClientError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    ProblemError,
    ServerUnreachableError,
    StrangerError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from api.client.models import Problem

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 3.0
TRIES = 3
LONGEST_RETRY_AFTER_SECONDS = 10.0
"""Who is told to come back later than this hears of it in place of waiting."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# What a service answers while it starts or a proxy has lost it.
AWAY = frozenset({502, 503, 504})
REFUSED_UNDONE = frozenset({429, 503})
"""Nothing was done: whatever was asked for may be asked for again."""
REFUSALS: dict[int, type[ProblemError]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidInputError,
    429: TooManyRequestsError,
}
_CHANCE = SystemRandom()


class Pauses:
    """How long to wait between tries: ever longer, and no two callers in step."""

    def __init__(self) -> None:
        self._longest = FIRST_PAUSE_SECONDS

    def next(self) -> float:
        """Return seconds: of a range that doubles, its upper half."""
        longest = self._longest
        self._longest = min(longest * 2, MAX_PAUSE_SECONDS)
        return _CHANCE.uniform(longest / 2, longest)


def may_send_again(error: httpx2.TransportError, *, is_repeatable: bool) -> bool:
    """Whether nothing was sent, or doing it twice is doing it once."""
    return is_repeatable or isinstance(
        error, httpx2.ConnectError | httpx2.ConnectTimeout
    )


def seconds_until_again(
    response: httpx2.Response, pause: float, *, is_repeatable: bool
) -> float | None:
    """Return after which time to ask again; None if that would not help."""
    status = response.status_code
    if status in REFUSED_UNDONE or (is_repeatable and status in AWAY):
        seconds = max(pause, retry_after(response) or 0.0)
        return seconds if seconds <= LONGEST_RETRY_AFTER_SECONDS else None
    return None


def is_still_answering(response: httpx2.Response) -> bool:
    """Whether the same submission, sent before, is being answered at this moment."""
    return (
        response.status_code == HTTPStatus.CONFLICT
        and "Idempotency-Key" in response.request.headers
        and _problem(response).type.endswith("idempotency-in-progress")
    )


def retry_after(response: httpx2.Response) -> float | None:
    """Return the seconds that the service names; None if it does not, or names a date.

    Ours always names seconds.
    """
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def is_away(error: Exception) -> bool:
    """Whether the same call may go through in a while."""
    if isinstance(error, ProblemError):
        return error.status in AWAY
    return isinstance(error, httpx2.TransportError | ServerUnreachableError)


def raise_for_problem(response: httpx2.Response) -> None:
    if response.is_error:
        problem = _problem(response)
        raise REFUSALS.get(response.status_code, ProblemError)(
            problem,
            page=_page(problem, response),
            retry_after_seconds=retry_after(response),
        )


def raise_for_stranger(response: httpx2.Response) -> None:
    """Refuse what comes from sign-in pages, other sites and their like."""
    address = str(response.request.url)
    if response.has_redirect_location:
        raise StrangerError(address, f"a way to {response.headers['Location']}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise StrangerError(address, "a page for browsers")


def unreachable(base_url: str, error: Exception) -> ServerUnreachableError:
    return ServerUnreachableError(base_url, str(error) or type(error).__name__)


def new_key() -> dict[str, str]:
    """Return a header that makes one submission of however many tries."""
    return {"Idempotency-Key": f'"{uuid4()}"'}


def encoded(body: Any) -> str:
    """Return JSON; arrays and scalars of numpy, times and decimals are welcome."""
    try:
        return json.dumps(body, default=_plain, allow_nan=False, ensure_ascii=False)
    except ValueError as error:
        raise ClientError(
            "NaN and infinity are no numbers that can be sent: look for them in the "
            "arrays and parameters"
        ) from error


def default_headers(api_key: str | None) -> dict[str, str]:
    return {"User-Agent": "solvequeue-client", **_authorization(api_key)}


def trusts_environment(base_url: str) -> bool:
    """Whether a proxy of the environment can know the address."""
    return httpx2.URL(base_url).host not in LOOPBACK


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON: {value!r:.60}")


def _authorization(api_key: str | None) -> dict[str, str]:
    key = (api_key or "").strip()
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()):
        # Not shown: it may be a good key and something more.
        raise ClientError("the API key has characters that no key has")
    return {"Authorization": f"Bearer {key}"}


def _problem(response: httpx2.Response) -> Problem:
    try:
        return Problem.model_validate(
            {"status": response.status_code, **_body(response)}
        )
    except ValidationError:
        return Problem(status=response.status_code, title=response.reason_phrase)


def _body(response: httpx2.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    # A proxy in between answers in its own words.
    return body if isinstance(body, dict) else {"title": response.reason_phrase}


def _page(problem: Problem, response: httpx2.Response) -> str:
    """Return where the problem is explained; nothing if it is no problem of ours."""
    if "/problems/" not in problem.type:
        return ""
    return urljoin(str(response.request.url), problem.type)
