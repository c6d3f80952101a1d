"""The peer of `broadcast`: one reader of a Redis stream, a queue for each socket."""

import asyncio
import os
from contextlib import suppress

import redis.asyncio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

STREAM = "bare"
QUEUE = 100
BLOCK_MS = 2000


class Broadcaster:
    """What anyone would write first."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()
        self._reading: asyncio.Task[None] | None = None

    async def follow(self, socket: WebSocket) -> None:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        await socket.accept()
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        sending = asyncio.create_task(self._send(queue, socket))
        with suppress(WebSocketDisconnect):
            # It is heard from the first frame of the client on.
            await socket.receive_text()
            self._queues.add(queue)
            await socket.send_text("ready")
            await socket.receive_text()
        self._queues.discard(queue)
        sending.cancel()

    async def _send(self, queue: asyncio.Queue[str], socket: WebSocket) -> None:
        while True:
            await socket.send_text(await queue.get())

    async def _read(self) -> None:
        client = redis.asyncio.Redis.from_url(
            os.environ["REDIS_URL"], decode_responses=True
        )
        position = "$"
        while True:
            answer = await client.xread({STREAM: position}, 500, BLOCK_MS)
            for _, entries in answer or ():
                position = entries[-1][0]
                for _, fields in entries:
                    for queue in self._queues:
                        queue.put_nowait(fields["body"])


def create_app() -> Starlette:
    broadcaster = Broadcaster()
    return Starlette(routes=[WebSocketRoute("/ws", broadcaster.follow)])
