"""HTTP beneath the client: errors in our words, and retries where they are safe."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from pydantic import ValidationError

from api.client.exceptions import (
    ClientError,
    ForbiddenError,
    ProblemError,
    ServerUnreachableError,
    UnauthenticatedError,
)
from api.client.models import Problem

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 3.0
SAFE_TRIES = 3
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# What a service answers while it starts or a proxy has lost it.
AWAY = frozenset({502, 503, 504})
REFUSALS: dict[int, type[ProblemError]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
}


class Transport:
    """One connection pool for one service."""

    def __init__(
        self, base_url: str, *, timeout_seconds: float, api_key: str | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout_seconds = timeout_seconds
        self._http = httpx2.Client(
            base_url=self.base_url,
            timeout=timeout_seconds,
            headers={"User-Agent": "solvequeue-client", **_authorization(api_key)},
            # A proxy of the environment knows nothing of this machine's ports.
            trust_env=httpx2.URL(self.base_url).host not in LOOPBACK,
        )

    def close(self) -> None:
        self._http.close()

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        wait_seconds: float = 0.0,
    ) -> httpx2.Response:
        """Ask, and ask again when the connection fails: nothing changes by asking."""
        return self._send(
            lambda: self._http.get(
                path,
                params=params,
                headers=headers,
                timeout=self.timeout_seconds + wait_seconds,
            ),
            safe_to_repeat=(httpx2.TransportError,),
        )

    def post(
        self,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        text: str | None = None,
        wait_seconds: float = 0.0,
    ) -> httpx2.Response:
        """Send once; again only when no connection was made, so nothing was sent."""
        return self._send(
            lambda: self._http.post(
                path,
                headers=headers,
                params=params,
                json=body,
                content=text,
                timeout=self.timeout_seconds + wait_seconds,
            ),
            safe_to_repeat=(httpx2.ConnectError, httpx2.ConnectTimeout),
        )

    def patch(self, path: str, *, body: Any) -> httpx2.Response:
        """Send once; again only when no connection was made, so nothing was sent."""
        return self._send(
            lambda: self._http.patch(path, json=body),
            safe_to_repeat=(httpx2.ConnectError, httpx2.ConnectTimeout),
        )

    def delete(self, path: str) -> httpx2.Response:
        """Send once; again only when no connection was made, so nothing was sent."""
        return self._send(
            lambda: self._http.delete(path),
            safe_to_repeat=(httpx2.ConnectError, httpx2.ConnectTimeout),
        )

    @contextmanager
    def stream(
        self, path: str, *, headers: Mapping[str, str], silence_seconds: float
    ) -> Iterator[httpx2.Response]:
        """Open a stream that may be silent for so long. One try: see `events`."""
        timeout = httpx2.Timeout(self.timeout_seconds, read=silence_seconds)
        with self._http.stream(
            "GET", path, headers=headers, timeout=timeout
        ) as response:
            if response.is_error:
                response.read()
            raise_for_problem(response)
            yield response

    def unreachable(self, error: Exception) -> ServerUnreachableError:
        return ServerUnreachableError(self.base_url, _reason(error))

    def _send(
        self,
        send: Callable[[], httpx2.Response],
        *,
        safe_to_repeat: tuple[type[httpx2.TransportError], ...],
    ) -> httpx2.Response:
        pause = FIRST_PAUSE_SECONDS
        for tries_left in reversed(range(SAFE_TRIES)):
            try:
                response = send()
            except httpx2.TransportError as error:
                if not tries_left or not isinstance(error, safe_to_repeat):
                    raise self.unreachable(error) from error
            else:
                raise_for_problem(response)
                return response
            time.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")


class Patience:
    """Waits ever longer between tries, and gives up when it has been too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """Begin anew: there was news."""
        self._pause = FIRST_PAUSE_SECONDS
        self.extend()

    def extend(self) -> None:
        """Wait on, no faster than before: the other side answers, without news."""
        self._end = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def pause(self) -> None:
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, MAX_PAUSE_SECONDS)


def is_away(error: Exception) -> bool:
    """Whether the same call may go through in a while."""
    if isinstance(error, ProblemError):
        return error.status in AWAY
    return isinstance(error, httpx2.TransportError | ServerUnreachableError)


def raise_for_problem(response: httpx2.Response) -> None:
    if response.is_error:
        refusal = REFUSALS.get(response.status_code, ProblemError)
        raise refusal(_problem(response))


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


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
