"""Out on a socket in ASGI's way: in order, closed behind what waits or for slowness."""

import asyncio
from typing import Any, cast

import pytest
from starlette.websockets import WebSocket

from api.relay import outbox, wire
from api.relay.frame import Frame
from api.relay.wire import CLOSE_SLOW_READER, open_wire


class Socket:
    """Takes frames as fast as a test lets it."""

    scope: dict[str, Any] = {}

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.code: int | None = None
        self.may_take = asyncio.Event()
        self.may_take.set()
        self.is_closed = asyncio.Event()

    async def send_text(self, text: str) -> None:
        await self.may_take.wait()
        self.sent.append(text)

    async def close(self, code: int) -> None:
        self.code = code
        self.is_closed.set()


def test_frames_go_out_in_order_and_the_close_behind_them() -> None:
    async def send() -> Socket:
        socket, drops = Socket(), list[int]()
        async with open_wire(
            cast("WebSocket", socket), on_drop=lambda: drops.append(1)
        ) as out:
            for number in range(5):
                out.send(Frame(str(number)))
            out.close(4001)
            out.send(Frame("too late"))
            await socket.is_closed.wait()
        assert drops == []
        return socket

    socket = asyncio.run(send())
    assert (socket.sent, socket.code) == (["0", "1", "2", "3", "4"], 4001)


@pytest.mark.parametrize("way", ["much waits", "one frame stands"])
def test_a_slow_reader_is_closed(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(wire, "SEND_SECONDS", 0.05)
    monkeypatch.setattr(outbox, "MAX_WAITING_BYTES", 10)
    frames = 50 if way == "much waits" else 1

    async def send() -> tuple[Socket, int]:
        socket, drops = Socket(), list[int]()
        socket.may_take.clear()
        async with open_wire(
            cast("WebSocket", socket), on_drop=lambda: drops.append(1)
        ) as out:
            for _ in range(frames):
                out.send(Frame("x" * 5))
                await asyncio.sleep(0)
            await socket.is_closed.wait()
        return socket, len(drops)

    socket, drops = asyncio.run(send())
    assert socket.code == CLOSE_SLOW_READER
    assert drops == 1
