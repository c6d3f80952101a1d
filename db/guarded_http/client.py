"""The HTTP client: connects only to addresses it has checked itself."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore2
import httpx2
from typing_extensions import override

from db.contracts.webhook_address import AllowList, ForbiddenAddressError, check_url
from db.guarded_http.connection import (
    CheckedBackend,
    Deadline,
    NoAnswerError,
    Resolver,
    resolve,
)

TIMEOUT_SECONDS = 15.0
MAX_BODY_BYTES = 64 * 1024
DEADLINE = "solvequeue_deadline"
"""The extension of a request that has a time-out of its own."""


@dataclass(frozen=True, slots=True)
class Response:
    """`body_head` is cut at the most that is read, and as sent, not decompressed."""

    status: int
    body_head: bytes
    duration_ms: int
    retry_after: str | None
    etag: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    """All of them, named in small letters."""


def post(
    client: httpx2.Client, url: str, *, content: bytes, headers: Mapping[str, str]
) -> Response:
    """Raise ForbiddenAddressError or NoAnswerError, and nothing else, when it fails."""
    return _send(client, "POST", url, content, headers, MAX_BODY_BYTES, None)


def get(
    client: httpx2.Client,
    url: str,
    *,
    headers: Mapping[str, str],
    max_bytes: int = MAX_BODY_BYTES,
    timeout_seconds: float | None = None,
) -> Response:
    """Raise ForbiddenAddressError or NoAnswerError, and nothing else, when it fails.

    ``timeout_seconds`` is for this request, in place of the client's.
    """
    return _send(client, "GET", url, None, headers, max_bytes, timeout_seconds)


def _send(
    client: httpx2.Client,
    method: str,
    url: str,
    content: bytes | None,
    headers: Mapping[str, str],
    max_bytes: int,
    timeout_seconds: float | None,
) -> Response:
    started = time.monotonic()
    wish = {} if timeout_seconds is None else {DEADLINE: timeout_seconds}
    try:
        with client.stream(
            method, url, content=content, headers=headers, extensions=wish
        ) as answer:
            body_head = _head(answer.iter_raw(), max_bytes)
    except httpx2.InvalidURL as exc:
        raise ForbiddenAddressError(f"this is no URL: {exc}") from exc
    except httpx2.HTTPError as exc:
        raise NoAnswerError(f"the answer could not be read: {exc}") from exc
    return Response(
        status=answer.status_code,
        body_head=body_head,
        duration_ms=round((time.monotonic() - started) * 1000),
        retry_after=answer.headers.get("retry-after"),
        etag=answer.headers.get("etag"),
        headers=dict(answer.headers),
    )


def client(
    allow: AllowList,
    timeout_seconds: float = TIMEOUT_SECONDS,
    *,
    resolver: Resolver = resolve,
) -> httpx2.Client:
    """Make a client without redirects, cookies, proxies or kept connections.

    `timeout_seconds` is for all of a request, from the name to the last byte read.
    """
    return httpx2.Client(
        transport=GuardedTransport(
            allow, timeout_seconds=timeout_seconds, resolver=resolver
        ),
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"user-agent": "SolveQueue", "accept-encoding": "identity"},
    )


class GuardedTransport(httpx2.BaseTransport):
    """Makes one connection a request: an address is checked whenever it is used."""

    def __init__(
        self, allow: AllowList, *, timeout_seconds: float, resolver: Resolver
    ) -> None:
        self._allow = allow
        self._timeout_seconds = timeout_seconds
        self._resolver = resolver
        self._ssl_context = httpx2.create_ssl_context(trust_env=False)

    @override
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        check_url(str(request.url), allow=self._allow)
        seconds = request.extensions.get(DEADLINE, self._timeout_seconds)
        deadline = Deadline(seconds)
        pool = httpcore2.ConnectionPool(
            ssl_context=self._ssl_context,
            max_connections=1,
            network_backend=CheckedBackend(
                self._allow,
                scheme=request.url.scheme,
                resolver=self._resolver,
                deadline=deadline,
            ),
        )
        body = _Body(pool, deadline=deadline)
        try:
            with deadline.failures_named():
                answer = pool.handle_request(_for_the_pool(request))
        except BaseException:
            body.close()
            raise
        assert isinstance(answer.stream, Iterable)
        body.chunks = answer.stream
        return httpx2.Response(
            answer.status,
            headers=answer.headers,
            stream=body,
            extensions=answer.extensions,
        )


class _Body(httpx2.SyncByteStream):
    def __init__(self, pool: httpcore2.ConnectionPool, *, deadline: Deadline) -> None:
        self._pool = pool
        self._deadline = deadline
        self.chunks: Iterable[bytes] = ()

    @override
    def __iter__(self) -> Iterator[bytes]:
        with self._deadline.failures_named():
            yield from self.chunks

    @override
    def close(self) -> None:
        self._pool.close()


def _for_the_pool(request: httpx2.Request) -> httpcore2.Request:
    assert isinstance(request.stream, httpx2.SyncByteStream)
    return httpcore2.Request(
        method=request.method,
        url=httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
    )


def _head(chunks: Iterator[bytes], max_bytes: int) -> bytes:
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if len(head) >= max_bytes:
            break
    return bytes(head[:max_bytes])
