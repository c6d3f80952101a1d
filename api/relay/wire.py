"""How frames leave for one socket: at once, or not at all.

A reader that does not take them for long enough that 1 MiB waits is closed, and comes
back where it was; nobody else waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected
from typing_extensions import override

from api.relay.frame import Frame
from api.relay.frame_protocol import EXTENSION, FrameProtocol
from api.relay.outbox import MAX_WAITING_BYTES, Outbox

CLOSE_SLOW_READER = 4002
SEND_SECONDS = 10.0
CLOSE_SECONDS = 1.0

Drop = Callable[[], None]


class Wire(Protocol):
    """The way out."""

    def send(self, frame: Frame) -> None:
        """Send without waiting; what is sent to a closed one is dropped."""
        ...

    async def drained(self) -> None:
        """Return when little waits; a reader that takes nothing is closed."""
        ...

    def close(self, code: int) -> None:
        """Close behind what waits."""
        ...


@asynccontextmanager
async def open_wire(socket: WebSocket, *, on_drop: Drop) -> AsyncIterator[Wire]:
    """Yield the way out of an accepted socket; ``on_drop`` hears of slow readers."""
    protocol = socket.scope.get("extensions", {}).get(EXTENSION)
    if isinstance(protocol, FrameProtocol):
        yield _ShortWire(protocol, on_drop)
        return
    wire = _QueuedWire(socket, on_drop)
    sending = asyncio.get_running_loop().create_task(wire.run())
    try:
        yield wire
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


class _ShortWire(Wire):
    """Straight to the connection, whose buffer is the queue."""

    def __init__(self, protocol: FrameProtocol, on_drop: Drop) -> None:
        self._protocol = protocol
        self._on_drop = on_drop

    @override
    def send(self, frame: Frame) -> None:
        was_waiting = self._protocol.waiting_bytes
        waiting = self._protocol.write_frame(frame)
        # One large frame is no sign of slowness.
        if was_waiting and waiting > MAX_WAITING_BYTES:
            self._give_up()

    @override
    async def drained(self) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._protocol.drained()
        except TimeoutError:
            self._give_up()

    @override
    def close(self, code: int) -> None:
        self._protocol.finish(code)

    def _give_up(self) -> None:
        self._on_drop()
        self._protocol.finish(CLOSE_SLOW_READER)


class _QueuedWire(Wire):
    """In ASGI's way, under servers that know no other."""

    def __init__(self, socket: WebSocket, on_drop: Drop) -> None:
        self._socket = socket
        self._on_drop = on_drop
        self._outbox: Outbox[str] = Outbox()
        self._closing: int | None = None

    @override
    def send(self, frame: Frame) -> None:
        if self._closing is None and not self._outbox.put(frame.text, len(frame.text)):
            self._on_drop()
            self._closing = CLOSE_SLOW_READER

    @override
    async def drained(self) -> None:
        await self._outbox.drained()

    @override
    def close(self, code: int) -> None:
        if self._closing is None:
            self._closing = code
            # Behind what waits.
            self._outbox.put("", 0)

    async def run(self) -> None:
        """Send what is put in, until the socket is closed from either side."""
        try:
            code = await self._send_all()
        except TimeoutError:
            if self._closing is None:
                self._on_drop()
            code = CLOSE_SLOW_READER
        except (WebSocketDisconnect, WebSocketDisconnected):
            return
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code)

    async def _send_all(self) -> int:
        while self._closing is None or self._outbox.waiting_bytes:
            for text in await self._outbox.take():
                if text:
                    async with asyncio.timeout(SEND_SECONDS):
                        await self._socket.send_text(text)
        return self._closing
