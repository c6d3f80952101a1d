"""Ends answers that are waited for: streams, and requests that wait for news."""

import asyncio
from contextlib import suppress
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import credential_of
from api.standing_leave import Ending, StandingLeave

SSE = "text/event-stream"


class EndLongAnswers:
    """Tell a route that its client has gone when the leave of that client ends.

    So each ends as it would anyway; the client gets the end of what was begun, comes
    back where it was, and is let in or not.
    """

    def __init__(self, app: ASGIApp, leave: StandingLeave) -> None:
        self._app = app
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        headers = connection.headers
        if SSE not in headers.get("accept", "") and "prefer" not in headers:
            await self._app(scope, receive, send)
            return
        answer = _LongAnswer(receive, send)
        try:
            with self._leave.watching(credential_of(connection), answer.end):
                await self._app(scope, answer.receive, answer.send)
            await answer.finish()
        finally:
            answer.close()


class _LongAnswer:
    """One answer's ways in and out."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._is_over = asyncio.Event()
        self._is_unfinished = False
        self._receiving: asyncio.Future[Message] | None = None

    def end(self, _: Ending) -> None:
        self._is_over.set()

    async def receive(self) -> Message:
        """Return what the client sends, or that it has gone."""
        if self._receiving is None:
            # It outlives whoever only looks in: the next to look sees what came.
            self._receiving = asyncio.ensure_future(self._receive())
        receiving = self._receiving
        if not receiving.done() and not self._is_over.is_set():
            ending = asyncio.ensure_future(self._is_over.wait())
            either: set[asyncio.Future[Any]] = {receiving, ending}
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                ending.cancel()
        if receiving.done():
            self._receiving = None
            return receiving.result()
        return {"type": "http.disconnect"}

    def close(self) -> None:
        """Receive nothing more."""
        if self._receiving is not None:
            self._receiving.cancel()

    async def send(self, message: Message) -> None:
        starts = message["type"] == "http.response.start"
        self._is_unfinished = starts or bool(message.get("more_body"))
        await self._send(message)

    async def finish(self) -> None:
        """End what the route has left, for it believes that nobody reads it."""
        if self._is_over.is_set() and self._is_unfinished:
            with suppress(OSError):
                await self._send({"type": "http.response.body", "body": b""})
