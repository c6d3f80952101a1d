"""One log as server-sent events, for as long as the client stays."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from http import HTTPStatus

import anyio
from fastapi.responses import Response
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from api.relay.hub import Hub
from api.relay.outbox import Outbox
from api.relay.tail import Reader, Tail
from db.contracts.errors import NotFoundError, ResultGoneError
from db.contracts.event import Published
from db.event_log import LogPage

PING_SECONDS = 15.0
RETRY_MS = 2000
SSE = "text/event-stream"
SSE_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

Sees = Callable[[Published], bool]


class EventStream(Response):
    """Sends events up to the terminal one, and a comment when there was none a while.

    Not a StreamingResponse: that leaves its generator, and with it a subscription,
    to the garbage collector when a client goes while it is slow to take something.
    """

    media_type = SSE

    def __init__(
        self,
        hub: Hub,
        log: str,
        read: Callable[[int], LogPage],
        *,
        after: int,
        place: AbstractContextManager[object],
        on_drop: Callable[[], None],
        sees: Sees = lambda _: True,
    ) -> None:
        """``read`` reads the log after a number; ``sees`` says what to leave out."""
        self.status_code = HTTPStatus.OK
        self.background = None
        self.init_headers(SSE_HEADERS)
        self._hub = hub
        self._log = log
        self._read = read
        self._after = after
        self._place = place
        self._on_drop = on_drop
        self._sees = sees
        self._is_quiet = True

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            async with anyio.create_task_group() as group:

                async def until_client_goes() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    group.cancel_scope.cancel()

                group.start_soon(until_client_goes)
                # Some servers raise when the client has gone, others say nothing.
                with suppress(OSError):
                    await send(
                        {
                            "type": "http.response.start",
                            "status": self.status_code,
                            "headers": self.raw_headers,
                        }
                    )
                    group.start_soon(self._ping, send)
                    await self._send_all(send)
                    await send({"type": "http.response.body", "body": b""})
                group.cancel_scope.cancel()

    async def _send_all(self, send: Send) -> None:
        reader = _Frames(self._sees)
        reader.put(format_sse_event(retry=RETRY_MS, comment="solvequeue"))

        async def read() -> None:
            # A job, or what is kept of it, may be deleted under its readers.
            with reader.following, suppress(NotFoundError, ResultGoneError):
                await self._follow(reader)
            reader.finish()

        async with anyio.create_task_group() as reading:
            reading.start_soon(read)
            while not reader.is_done:
                await self._send(send, await reader.take_frames())
        if reader.is_over_full:
            # It is too slow; it comes back where it was.
            self._on_drop()

    async def _follow(self, reader: Reader) -> None:
        tail = Tail(self._hub, self._log, self._read, after=self._after)
        await tail.follow(reader)
        while tail.is_lost:
            # The log was begun anew: all of it, under the epoch that events name.
            tail = Tail(self._hub, self._log, self._read)
            await tail.follow(reader)

    async def _ping(self, send: Send) -> None:
        while True:
            self._is_quiet = True
            await anyio.sleep(PING_SECONDS)
            if self._is_quiet:
                with suppress(OSError):
                    await self._send(send, format_sse_event(comment="ping"))

    async def _send(self, send: Send, frames: bytes) -> None:
        self._is_quiet = False
        await send({"type": "http.response.body", "body": frames, "more_body": True})


class _Frames(Reader):
    """Events on their way out, as the bytes of server-sent ones."""

    def __init__(self, sees: Sees) -> None:
        self._sees = sees
        self._outbox: Outbox[bytes] = Outbox()
        self._is_finished = False
        self.is_over_full = False
        self.following = anyio.CancelScope()
        """Within it the log is read."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be sent."""
        is_empty = not self._outbox.waiting_bytes
        return is_empty and (self._is_finished or self.is_over_full)

    def put(self, frame: bytes) -> None:
        if not self.is_over_full and not self._outbox.put(frame, len(frame)):
            self.is_over_full = True
            self.following.cancel()

    def finish(self) -> None:
        """Say that nothing follows."""
        self._is_finished = True
        # Wakes who waits for something to send.
        self._outbox.put(b"", 0)

    @override
    def take(self, event: Published) -> None:
        if self._sees(event):
            self.put(_frame(event))

    @override
    async def drained(self) -> None:
        await self._outbox.drained()

    async def take_frames(self) -> bytes:
        return b"".join(await self._outbox.take())


def _frame(event: Published) -> bytes:
    return format_sse_event(
        data_str=event.body, event=event.type.value, id=str(event.sequence)
    )
