"""Very many WebSocket clients in one process, each as light as it can be.

Only what a benchmark needs: it trusts the server, and looks for one mark in each frame.
"""

import asyncio
import base64
import os
import time
from dataclasses import dataclass, field
from typing import cast

MARK = b'"message":"at '
"""Before the moment, in nanoseconds, at which an event was published."""
DIGITS = 20
SNAPSHOT = b'{"type":"snapshot"'
CONNECTING = 100
KEY = base64.b64encode(bytes(16)).decode()


@dataclass
class Heard:
    """What all of them heard."""

    delays_ms: list[float] = field(default_factory=list)
    moments: dict[int, list[int]] = field(default_factory=dict)
    """By client, when each event was published that it heard."""


class Client(asyncio.Protocol):
    """One socket."""

    def __init__(self, number: int, path: str, frames: list[str], heard: Heard) -> None:
        self._path, self._frames, self._heard = path, frames, heard
        self._moments = heard.moments.setdefault(number, [])
        self._buffer = bytearray()
        self._is_open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Another loop's transports are of no class of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        at = time.monotonic_ns()
        self._buffer += data
        if not self._is_open:
            head, gap, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not gap:
                return
            assert b" 101 " in head, head
            self._is_open = True
            self._buffer = bytearray(rest)
            for text in self._frames:
                self.send(text)
        self._read(at)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True

    def send(self, text: str) -> None:
        """Send a short frame, masked with zeros."""
        assert self.transport is not None
        data = text.encode()
        assert len(data) < 126
        self.transport.write(bytes((0x81, 0x80 | len(data))) + bytes(4) + data)

    def _read(self, at: int) -> None:
        buffer, start = self._buffer, 0
        while len(buffer) - start >= 2:
            size, head = buffer[start + 1] & 0x7F, 2
            if size == 126:
                size, head = int.from_bytes(buffer[start + 2 : start + 4]), 4
            elif size == 127:
                size, head = int.from_bytes(buffer[start + 2 : start + 10]), 10
            end = start + head + size
            if len(buffer) < end:
                break
            self._take(buffer[start + head : end], at)
            start = end
        del buffer[:start]

    def _take(self, payload: bytearray, at: int) -> None:
        if payload.startswith(SNAPSHOT) or payload == b"ready":
            # Now it hears. A snapshot has the latest event too, which counts no more.
            if not self.ready.done():
                self.ready.set_result(None)
            return
        found = payload.find(MARK)
        if found < 0:
            return
        begin = found + len(MARK)
        moment = int(payload[begin : begin + DIGITS])
        self._moments.append(moment)
        self._heard.delays_ms.append((at - moment) / 1e6)


async def open_many(
    count: int, port: int, path: str, frames: list[str], heard: Heard
) -> list[Client]:
    """Open so many sockets; return when all of them hear."""
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    for start in range(0, count, CONNECTING):
        made = await asyncio.gather(
            *(
                loop.create_connection(
                    lambda number=number: Client(  # type: ignore[misc]
                        number, path, frames, heard
                    ),
                    "127.0.0.1",
                    port,
                )
                for number in range(start, min(count, start + CONNECTING))
            )
        )
        clients += (client for _, client in made)
        await asyncio.gather(*(client.ready for _, client in made))
    return clients


def raise_limit(files: int) -> None:
    """Let this process and its children open so many files."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files if hard == resource.RLIM_INFINITY else min(files, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    assert wanted >= files, f"only {os.sysconf('SC_OPEN_MAX')} files may be open"
