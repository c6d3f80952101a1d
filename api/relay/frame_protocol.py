"""The server's side of a WebSocket, with a short way out for frames made once.

uvicorn takes the class by its name (``--ws``). An application that finds it in the
scope writes ready frames straight to the connection; under another server it sends in
ASGI's way.
"""

from typing import Any, cast

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)
from uvicorn.server import ServerState
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import CloseCode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from api.relay.frame import WINDOW_BITS, Frame

EXTENSION = "solvequeue.frames"
ABORT_SECONDS = 5.0
"""How long a client has to take what waits for it, when it is to be closed."""
CLOSE_BAD_MESSAGE = 4400
CLOSE_RESTART = 4001


class FrameProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: Any = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        deflating = ServerPerMessageDeflateFactory(
            # Each message stands alone: the bytes are made once, for all clients.
            server_no_context_takeover=True,
            server_max_window_bits=WINDOW_BITS,
            client_max_window_bits=WINDOW_BITS,
            compress_settings={"memLevel": 5},
        )
        self.conn = _Connection(
            extensions=[deflating] if config.ws_per_message_deflate else [],
            max_size=config.ws_max_size,
        )
        self._deflates = False

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.conn.handshake_exc is None:
            extensions = cast("dict[str, object]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def write_frame(self, frame: Frame) -> int:
        """Send it without waiting; return how many bytes wait to be taken."""
        if self.conn.state is not State.OPEN or self.close_sent:
            return 0
        self.transport.write(frame.deflated if self._deflates else frame.plain)
        return self.transport.get_write_buffer_size()

    @property
    def waiting_bytes(self) -> int:
        """How much the client has not taken."""
        return 0 if self.disconnected else self.transport.get_write_buffer_size()

    async def drained(self) -> None:
        """Return when little waits, or the client has gone."""
        await self.writable.wait()

    def finish(self, code: int) -> None:
        """Close now, behind what waits; a client that takes nothing is cut off."""
        if self.conn.state is not State.OPEN or self.close_sent:
            return
        self.conn.send_close(code)
        self._say_goodbye(code)

    @override
    def handle_parser_exception(self) -> None:
        """Say why, and read on until the client has seen it.

        A connection that is closed while it is being sent to is reset, and what it was
        told last is lost.
        """
        if self.close_sent:
            return
        closing = self.conn.close_sent
        code = CLOSE_BAD_MESSAGE if closing is None else closing.code
        self._say_goodbye(code)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _say_goodbye(self, code: int) -> None:
        """Write the close behind what waits, and read on until the client is gone."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(ABORT_SECONDS, self.transport.abort)

    @override
    def start_keepalive(self) -> None:
        super().start_keepalive()
        self._deflates = any(map(_is_shareable, self.conn.extensions))

    @override
    def shutdown(self) -> None:
        if self.handshake_complete:
            self.finish(CLOSE_RESTART)
        super().shutdown()


class _Connection(ServerProtocol):
    """Says with a code of ours that a message is too long."""

    @override
    def fail(self, code: int, reason: str = "") -> None:
        is_too_long = code == CloseCode.MESSAGE_TOO_BIG
        super().fail(CLOSE_BAD_MESSAGE if is_too_long else code, reason)


def _is_shareable(extension: object) -> bool:
    """Return whether a client understands what is compressed for all."""
    return (
        isinstance(extension, PerMessageDeflate)
        and extension.local_no_context_takeover
        and extension.local_max_window_bits == WINDOW_BITS
    )
