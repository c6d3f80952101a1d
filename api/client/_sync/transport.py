# Made of api/client/_async/transport.py by `make client`: change that one.
"""HTTP beneath the client: what may be sent again is, a few times."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from time import sleep
from typing import Any

import httpx2

from api.client._sync.patience import PATIENCE_SECONDS, Patience
from api.client.client import prefer
from api.client.exceptions import ServerUnreachableError
from api.client.transport import (
    Pauses,
    default_headers,
    encoded,
    is_still_answering,
    may_send_again,
    new_key,
    raise_for_problem,
    raise_for_stranger,
    seconds_until_again,
    trusts_environment,
    unreachable,
)


class Transport:
    """One connection pool for one service."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout_seconds: float,
        api_key: str | None,
        tries: int,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout_seconds = timeout_seconds
        self._tries = tries
        self._http = httpx2.Client(
            base_url=self.base_url,
            timeout=timeout_seconds,
            headers=default_headers(api_key),
            trust_env=trusts_environment(self.base_url),
            transport=transport,
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
            "GET",
            path,
            is_repeatable=True,
            params=params,
            headers=headers,
            timeout=self.timeout_seconds + wait_seconds,
        )

    def post(
        self, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Send once; again only when nothing was done by it."""
        return self._send("POST", path, **_content(body, headers or {}))

    def put_in_state(self, path: str, *, body: Any = None) -> httpx2.Response:
        """Post what leads to the same state however often it is sent."""
        return self._send("POST", path, is_repeatable=True, **_content(body, {}))

    def submit(
        self, path: str, *, body: Any = None, wait_seconds: float | None = None
    ) -> httpx2.Response:
        """Post what makes a job: one, however often the connection is cut."""
        return self._send(
            "POST",
            path,
            is_repeatable=True,
            timeout=self.timeout_seconds + (wait_seconds or 0.0),
            **_content(body, {**new_key(), **prefer(wait_seconds)}),
        )

    def upload(
        self, path: str, *, text: str, params: Mapping[str, Any]
    ) -> httpx2.Response:
        """Post text that is stored once, however often it comes."""
        return self._send(
            "POST",
            path,
            is_repeatable=True,
            params=params,
            content=text,
            headers={"Content-Type": "text/plain; charset=utf-8"},
        )

    def patch(self, path: str, *, body: Any) -> httpx2.Response:
        """Change fields to these values, once or twice."""
        return self._send("PATCH", path, is_repeatable=True, **_content(body, {}))

    def delete(self, path: str) -> None:
        """Delete; it may turn out that a try whose answer was lost has done it."""
        self._send("DELETE", path, is_repeatable=True)

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        headers: Mapping[str, str],
        silence_seconds: float,
        params: Mapping[str, Any] | None = None,
    ) -> Iterator[httpx2.Response]:
        """Open a stream that may be silent for so long. One try: see `events`."""
        timeout = httpx2.Timeout(self.timeout_seconds, read=silence_seconds)
        with self._http.stream(
            "GET", path, params=params, headers=headers, timeout=timeout
        ) as response:
            if response.is_error:
                response.read()
            raise_for_problem(response)
            raise_for_stranger(response)
            yield response

    def unreachable(self, error: Exception) -> ServerUnreachableError:
        return unreachable(self.base_url, error)

    def _send(
        self, method: str, path: str, *, is_repeatable: bool = False, **request: Any
    ) -> httpx2.Response:
        pauses = Pauses()
        answering = Patience(PATIENCE_SECONDS)
        tries_left = self._tries
        was_cut = False
        while True:
            tries_left -= 1
            pause: float | None = pauses.next()
            try:
                response = self._http.request(method, path, **request)
            except httpx2.TransportError as error:
                again = may_send_again(error, is_repeatable=is_repeatable)
                if tries_left <= 0 or not again:
                    raise self.unreachable(error) from error
                was_cut = True
            else:
                if not response.is_error:
                    raise_for_stranger(response)
                    return response
                if was_cut and method == "DELETE" and _is_gone(response):
                    return response
                if is_still_answering(response) and not answering.is_over():
                    answering.pause()
                    continue
                pause = seconds_until_again(
                    response, pause or 0.0, is_repeatable=is_repeatable
                )
                if tries_left <= 0 or pause is None:
                    raise_for_problem(response)
            sleep(pause or 0.0)


def _content(body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    if body is None:
        return {"headers": headers}
    return {
        "content": encoded(body),
        "headers": {"Content-Type": "application/json", **headers},
    }


def _is_gone(response: httpx2.Response) -> bool:
    return response.status_code == HTTPStatus.NOT_FOUND
