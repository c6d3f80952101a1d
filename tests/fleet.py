"""Local servers that stand for providers: each path answers by a script of its own.

One thread serves all of them over plain HTTP and, at another port, over TLS with a
certificate that nobody trusts.
"""

import asyncio
import ssl
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.loop_thread import LoopThread

HOST = "127.0.0.1"
NETWORK = "127.0.0.0/8"
"""What providers in tests have to be allowed to be in."""
OK = b'{"ok": true, "rates": {"usd": 1.5, "eur": "1.25"}, "at": 1800000000}'


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, or none."""

    status: int = 200
    body: bytes = OK
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    etag: str = ""
    """Whoever knows this version is answered 304."""
    hangs: bool = False
    """Nothing is sent, and the connection stays open."""
    breaks: bool = False
    """The connection ends in the middle of the answer."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    target: str
    headers: Mapping[str, str]


HEALTHY = Reply()
DOWN = Reply(breaks=True)


class Fleet:
    """Answers until it is closed; what it is asked is remembered."""

    def __init__(self) -> None:
        self.asked: defaultdict[str, list[Asked]] = defaultdict(list)
        """By path, without the first slash."""
        self._scripts: dict[str, list[Reply]] = {}
        self._loop = LoopThread()
        self._servers: list[asyncio.Server] = []
        self._directory = tempfile.TemporaryDirectory()
        self._remembers = True
        self._over = asyncio.Event()
        self._serving: set[asyncio.Task[None] | None] = set()

    def __enter__(self) -> Self:
        self._loop.start()
        self._port, self._tls_port = self._loop.run(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.run(self._close())
        self._loop.stop()
        self._directory.cleanup()

    def forget_requests(self) -> None:
        """Remember no request from now on: there may be very many."""
        self._remembers = False

    def let_go(self) -> None:
        """Break the connections on which nothing is sent."""
        self._loop.call(self._over.set)

    def script(self, path: str, *replies: Reply) -> str:
        """Have a path answer so, in turn; the last reply stays. Return its URL."""
        self._scripts[path] = list(replies)
        return f"http://{HOST}:{self._port}/{path}"

    def tls_url(self, path: str) -> str:
        """Return an address whose certificate nobody has signed."""
        return f"https://{HOST}:{self._tls_port}/{path}"

    async def _open(self) -> tuple[int, int]:
        context = _untrusted(Path(self._directory.name))
        plain = await asyncio.start_server(self._serve, HOST, 0, backlog=1024)
        secure = await asyncio.start_server(self._serve, HOST, 0, ssl=context)
        self._servers = [plain, secure]
        plain_port, secure_port = (
            each.sockets[0].getsockname()[1] for each in self._servers
        )
        return plain_port, secure_port

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        self._over.set()
        await asyncio.gather(*(each for each in self._serving if each))

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        self._serving.add(task)
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            pairs = (line.partition(":") for line in lines if line)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            target = first.split(" ")[1]
            path = target.partition("?")[0].removeprefix("/")
            if self._remembers:
                self.asked[path].append(Asked(target, headers))
            await self._answer(self._next(path), headers, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self._serving.discard(task)

    async def _answer(
        self, reply: Reply, headers: Mapping[str, str], writer: asyncio.StreamWriter
    ) -> None:
        if reply.hangs:
            await self._over.wait()
            return
        if reply.delay_s:
            await asyncio.sleep(reply.delay_s)
        status, body = reply.status, reply.body
        told = {"content-type": "application/json", **reply.headers}
        if reply.etag:
            told["etag"] = reply.etag
            if headers.get("if-none-match") == reply.etag:
                status, body = HTTPStatus.NOT_MODIFIED, b""
        told["content-length"] = str(len(body) + (1 if reply.breaks else 0))
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"HTTP/1.1 {int(status)} x\r\n{lines}\r\n".encode() + body)
        await writer.drain()

    def _next(self, path: str) -> Reply:
        replies = self._scripts.get(path)
        if replies is None:
            return Reply(status=404, body=b"{}")
        return replies.pop(0) if len(replies) > 1 else replies[0]


@contextmanager
def fleet() -> Iterator[Fleet]:
    """Run one."""
    with Fleet() as running:
        yield running


def _untrusted(directory: Path) -> ssl.SSLContext:
    """Return what a server needs that has signed its certificate itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    begin = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    written = directory / "server.pem"
    written.write_bytes(
        key.private_bytes(
            encoding,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(encoding)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(written)
    return context
