"""What clients of sockets send: read, bounded, and complained of."""

import time
from collections.abc import Callable
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from db.contracts.errors import InvalidInputError, ServiceError

MAX_FRAME_CHARACTERS = 65_536
FRAMES_PER_SECOND = 50.0
MAX_BURST = 300.0
"""So many frames may come at once: a client that takes up all its topics again."""
CLOSE_TOO_MANY = 4429


class TooManyFramesError(Exception):
    """The client floods its socket."""


class Incoming:
    """One socket's frames, each a JSON object."""

    def __init__(
        self, socket: WebSocket, complain: Callable[[ServiceError], None]
    ) -> None:
        """``complain`` tells the client of what is no such frame."""
        self._socket = socket
        self._complain = complain
        self._left = MAX_BURST
        self._counted_at = time.monotonic()

    async def frame(self) -> dict[str, Any]:
        """Return the next frame.

        Raises WebSocketDisconnect, and TooManyFramesError for a flood.
        """
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            self._count()
            text = message.get("text") or message.get("bytes") or b""
            try:
                return _parse(text)
            except InvalidInputError as error:
                self._complain(error)

    def _count(self) -> None:
        at = time.monotonic()
        gained = (at - self._counted_at) * FRAMES_PER_SECOND
        self._left = min(MAX_BURST, self._left + gained) - 1
        self._counted_at = at
        if self._left < 0:
            raise TooManyFramesError


def _parse(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_FRAME_CHARACTERS:
        raise InvalidInputError(
            f"a frame has more than {MAX_FRAME_CHARACTERS} characters",
            suggestion="Send small frames: a wish for one topic each.",
        )
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        frame = None
    if not isinstance(frame, dict):
        raise InvalidInputError(
            "a frame is one JSON object",
            suggestion='Send text such as {"type":"ping"}.',
        )
    return frame
