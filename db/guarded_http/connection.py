"""Connections that go only to checked addresses and end at one deadline."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import httpcore2
from typing_extensions import override

from db.contracts.webhook_address import AllowList, check_address

READ_BYTES = 16 * 1024
MAX_ADDRESSES_TRIED = 4

Resolver = Callable[[str, int], Sequence[str]]


class NoAnswerError(OSError):
    """The server was not reached, or gave no whole answer in time; try later."""


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Deadline:
    """Bounds the whole request: time-outs of single reads let a slow drip go on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no whole answer within {self._seconds} s")
        return left

    @contextmanager
    def failures_named(self) -> Iterator[None]:
        try:
            yield
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
        ) as exc:
            if time.monotonic() >= self._end:
                message = f"no whole answer within {self._seconds} s"
                raise NoAnswerError(message) from exc
            raise NoAnswerError(str(exc) or type(exc).__name__) from exc


class CheckedBackend(httpcore2.NetworkBackend):
    """Resolves once and connects to what it checked: no rebinding in between.

    The name stays in the request, so SNI, certificate check and `Host` keep it.
    """

    def __init__(
        self,
        allow: AllowList,
        *,
        scheme: str,
        resolver: Resolver,
        deadline: Deadline,
    ) -> None:
        self._allow = allow
        self._scheme = scheme
        self._resolver = resolver
        self._deadline = deadline

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = self._addresses(host, port)
            for address in addresses:
                check_address(
                    address, scheme=self._scheme, port=port, allow=self._allow
                )
            return self._connect(addresses[:MAX_ADDRESSES_TRIED], port)
        except OSError as exc:
            raise httpcore2.ConnectError(f"{host}: {exc}") from exc

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        # getaddrinfo has no time-out of its own, hence the thread.
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(host, port))
            except (OSError, UnicodeError) as exc:
                answers.put(exc)

        threading.Thread(target=look_up, name="guarded-resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.remaining())
        except queue.Empty as exc:
            raise TimeoutError("the name server did not answer in time") from exc
        if isinstance(answer, Exception):
            raise OSError(str(answer)) from answer
        if not answer:
            raise OSError("the name has no address")
        return answer

    def _connect(self, addresses: Sequence[str], port: int) -> "_Stream":
        for left in range(len(addresses), 0, -1):
            address = addresses[-left]
            share = self._deadline.remaining() / left
            try:
                connection = socket.create_connection((address, port), timeout=share)
            except OSError:
                if left == 1:
                    raise
            else:
                return _Stream(connection, deadline=self._deadline)
        raise OSError("no address to connect to")


class _Stream(httpcore2.NetworkStream):
    """A socket whose every wait ends at the request's deadline."""

    def __init__(self, connection: socket.socket, *, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._connection.settimeout(self._deadline.remaining())
            # Small reads: a body is left alone soon after its allowance is used up.
            return self._connection.recv(min(max_bytes, READ_BYTES))
        except OSError as exc:
            raise httpcore2.ReadError(str(exc)) from exc

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        unsent = memoryview(buffer)
        try:
            while unsent:
                self._connection.settimeout(self._deadline.remaining())
                unsent = unsent[self._connection.send(unsent) :]
        except OSError as exc:
            raise httpcore2.WriteError(str(exc)) from exc

    @override
    def close(self) -> None:
        self._connection.close()

    @override
    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            self._connection.settimeout(self._deadline.remaining())
            secured = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname
            )
        except (OSError, ValueError) as exc:
            self.close()
            raise httpcore2.ConnectError(str(exc)) from exc
        return _Stream(secured, deadline=self._deadline)
