"""One socket of the earlier servers' kind: what both of its paths have in common."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.health_views import now_text
from api.live.attendance import Attendance, Visitor
from api.live.frames import frame_of
from api.relay.handshake import Accepted
from api.relay.incoming import CLOSE_TOO_MANY, Incoming, TooManyFramesError
from db.contracts.errors import InternalError, ServiceError
from db.contracts.event import Published

logger = logging.getLogger(__name__)

PING_SECONDS = 30.0
MAX_REPEATED = 100
"""Characters of what a client sent, where an answer repeats it."""


class Manner(Protocol):
    """How one path greets, answers and keeps in touch."""

    def begin(self) -> None:
        """Greet; called once, before the first frame is read."""
        ...

    async def answer(self, type_: str, frame: dict[str, Any]) -> None:
        """Answer a frame that is no ping and no pong."""
        ...

    def hear(self, event: Published | None) -> None:
        """Take an event of a channel; None is a hole."""
        ...

    def keep_in_touch(self) -> None:
        """Say that the service lives; called every half minute."""
        ...

    def end(self) -> None:
        """Let go of everything."""
        ...


class Session:
    """Reads one client's frames until it goes; only a flood of them closes it."""

    def __init__(
        self, socket: WebSocket, accepted: Accepted, attendance: Attendance
    ) -> None:
        self._socket = socket
        self.wire = accepted.wire
        self._attendance = attendance

    async def run(self, path: str, begin: Callable[[Visitor], Manner]) -> None:
        """Serve the client in the manner of the path."""
        loop = asyncio.get_running_loop()

        def hear(event: Published) -> None:
            # Whoever tells of it does so in a thread of their own.
            loop.call_soon_threadsafe(lambda: manner.hear(event))

        with self._attendance.present(path, hear) as visitor:
            manner = begin(visitor)
            touching = loop.create_task(self._touch(manner))
            try:
                manner.begin()
                await self._serve(manner, visitor)
            except TooManyFramesError:
                self.complain("Too many frames in too short a time.")
                self.wire.close(CLOSE_TOO_MANY)
            except WebSocketDisconnect:
                logger.debug("client left", extra={"action": "socket_closed"})
            finally:
                touching.cancel()
                manner.end()

    def send(self, type_: str, **fields: Any) -> None:
        """Send a frame with the present moment."""
        self.wire.send(frame_of(type_, **{"timestamp": now_text(), **fields}))

    def complain(self, message: str, **fields: Any) -> None:
        """Tell the client what is wrong with what it sent."""
        self.send("error", message=message, **fields)

    async def _serve(self, manner: Manner, visitor: Visitor) -> None:
        incoming = Incoming(self._socket, self.refuse)
        while True:
            frame = await incoming.frame()
            self._attendance.has_shown(visitor)
            match frame.get("type"):
                case "ping":
                    self.send("pong")
                case "pong":
                    pass
                case str(type_) if type_:
                    await self._answer(manner, type_, frame)
                case _:
                    self.complain("A frame has a type, which is a text.")

    async def _answer(self, manner: Manner, type_: str, frame: dict[str, Any]) -> None:
        try:
            await manner.answer(type_, frame)
        except ServiceError as error:
            self.refuse(error)
        except Exception:
            logger.exception("frame failed", extra={"action": "frame_failed"})
            self.refuse(InternalError("The service made a mistake."))

    def refuse(self, error: ServiceError) -> None:
        """Tell the client of an error."""
        self.complain(error.message, code=error.code, suggestion=error.suggestion)

    async def _touch(self, manner: Manner) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            manner.keep_in_touch()


def repeated(text: object) -> str:
    """Return what a client sent as an answer may repeat it."""
    return str(text)[:MAX_REPEATED]
