"""TLS before a server that knows none: what stunnel does, for tests."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.certificates import HOST, Pair
from tests.servers.loop_thread import LoopThread

CHUNK_BYTES = 1 << 16


class TlsFront:
    """Takes those who show a certificate of the authority; passes on their bytes."""

    def __init__(self, socket_path: Path, pair: Pair, authority: Path) -> None:
        self._socket_path = socket_path
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair.certificate, pair.key)
        self._context.load_verify_locations(authority)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._loop = LoopThread()
        self._open: set[asyncio.Task[None]] = set()
        self.port = 0

    def __enter__(self) -> Self:
        self._loop.start()
        self._server = self._loop.run(
            asyncio.start_server(self._serve, HOST, 0, ssl=self._context)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.run(self._close())
        self._loop.stop()

    async def _close(self) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            inner = await asyncio.open_unix_connection(str(self._socket_path))
            ways = [
                asyncio.ensure_future(_pass_on(reader, inner[1])),
                asyncio.ensure_future(_pass_on(inner[0], writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                inner[1].close()
        finally:
            writer.close()
            self._open.discard(task)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
