"""One log as server-sent events, for as long as the client stays."""

from contextlib import aclosing, suppress
from http import HTTPStatus

import anyio
from fastapi.responses import Response
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from api.relay.hub import Hub
from api.relay.tail import Tail
from db.contracts.errors import NotFoundError
from db.contracts.event import Published
from db.event_log import EventLog

PING_SECONDS = 15.0
RETRY_MS = 2000
SSE = "text/event-stream"
SSE_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class EventStream(Response):
    """Sends events up to the terminal one, and a comment when there was none a while.

    Not a StreamingResponse: that leaves its generator, and with it a subscription,
    to the garbage collector when a client goes while it is slow to take something.
    """

    media_type = SSE

    def __init__(self, log: EventLog, hub: Hub, job_id: str, *, after: int) -> None:
        self.status_code = HTTPStatus.OK
        self.background = None
        self.init_headers(SSE_HEADERS)
        self._log = log
        self._hub = hub
        self._job_id = job_id
        self._after = after
        self._is_quiet = True

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        await self._send(send, format_sse_event(retry=RETRY_MS, comment="solvequeue"))
        tail = Tail(self._log, self._hub, self._job_id, after=self._after)
        while True:
            async with aclosing(tail.follow()) as batches:
                # A job may be deleted under its readers.
                with suppress(NotFoundError):
                    async for batch in batches:
                        await self._send(send, b"".join(map(_frame, batch)))
            if not tail.is_lost:
                return
            # The log was begun anew: all of it, under the epoch that events name.
            tail = Tail(self._log, self._hub, self._job_id)

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


def _frame(event: Published) -> bytes:
    return format_sse_event(
        data_str=event.body, event=event.type.value, id=str(event.sequence)
    )
