"""How long a request may take until its answer begins."""

import asyncio

import anyio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import wished_seconds
from api.errors import answer_error
from api.guard.families import FAMILIES
from db.contracts.errors import WaitTimeoutError
from db.contracts.settings import Settings


class TimeLimit:
    """Answer for a route that does not, and let go of it.

    It holds for the time until an answer begins, so that streams and downloads are
    never cut, and sockets not at all. Who asked to be made to wait (``Prefer: wait``)
    gets that on top. Routes of the solve family wait as long as their own body says,
    which is bounded there: they are left alone.

    What runs in a thread cannot be stopped: it ends by its own limits, those of the
    database and of Redis. Nobody waits for it.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _waits_by_itself(scope):
            await self._app(scope, receive, send)
            return
        seconds = self._settings.request_seconds
        seconds += wished_seconds(Request(scope).headers.get("prefer"), self._settings)
        answering = _Answering(scope, receive, send, seconds)
        timer = asyncio.get_running_loop().call_later(seconds, answering.cut)
        try:
            with answering.running:
                await self._app(scope, receive, answering.send)
        finally:
            timer.cancel()
            if answering.apology is not None:
                await answering.apology


class _Answering:
    """One request: answered by its route or, too late, by us."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, seconds: float
    ) -> None:
        self.running = anyio.CancelScope()
        self.apology: asyncio.Task[None] | None = None
        self._scope, self._receive, self._send = scope, receive, send
        self._seconds = seconds
        self._has_begun = False

    def cut(self) -> None:
        if self._has_begun:
            return
        self._has_begun = True
        # In a task of its own: the route's may be held by a thread.
        self.apology = asyncio.get_running_loop().create_task(self._apologize())
        self.running.cancel()

    async def send(self, message: Message) -> None:
        if self.apology is None:
            self._has_begun = True
            await self._send(message)

    async def _apologize(self) -> None:
        error = WaitTimeoutError(
            f"no answer within {self._seconds:g} s",
            suggestion="Send it again; a submission with the same Idempotency-Key, "
            "since it may have been recorded.",
        )
        response = answer_error(Request(self._scope), error)
        await response(self._scope, self._receive, self._send)


def _waits_by_itself(scope: Scope) -> bool:
    return FAMILIES["solve"].takes(scope["method"], scope["path"])
