"""Bodies that are too slow, too deep, too wide or too long, and routes too slow."""

import asyncio
import gzip
import json
import socket
import threading
import time
from contextlib import suppress

import psutil
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.test_hostile_requests import assert_problem

JSON = {"Content-Type": "application/json"}
NUG12 = {"instance": {"name": "nug12"}}
MB = 2**20
BOMBS = {
    "a million digits": b'{"seed":' + b"7" * 1_000_000 + b"}",
    "a million digits behind the point": b'{"seed":0.' + b"7" * 1_000_000 + b"}",
    "a huge exponent": b'{"seed":1e' + b"9" * 1_000_000 + b"}",
    "deep lists": b"[" * 30_000_000,
    "deep objects": b'{"a":' * 6_000_000,
    "deep and closed": b"[" * 33 + b"]" * 33,
    "empty lists": b"[" + b"[]," * 10_000_000 + b"[]]",
    "empty objects": b"[" + b"{}," * 10_000_000 + b"{}]",
    "texts": b"[" + b'"ab",' * 6_000_000 + b'"ab"]',
    "numbers": b"[" + b"1," * 15_000_000 + b"1]",
    "fractions": b"[" + b".5," * 10_000_000 + b"1]",
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("path", ["/v1/jobs", "/solve"])
def test_a_bomb_is_refused_and_takes_no_memory(
    client: TestClient, path: str, bomb: str
) -> None:
    body = BOMBS[bomb]
    client.post(path, content=b"[]", headers=JSON)
    process = psutil.Process()
    before, most = process.memory_info().rss, [0]
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.002):
            most[0] = max(most[0], process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    answer = client.post(path, content=body, headers=JSON)
    is_over.set()
    watching.join()
    told = assert_problem(answer, 422)
    assert told["error_code"] == "VALIDATION_ERROR"
    # The body itself, as it comes, whole, and once more while it is joined.
    growth = (most[0] - before) / MB
    assert growth < 3 * len(body) / MB + 20, f"{growth:.0f} MiB"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_body_that_would_grow_is_refused(client: TestClient, coding: str) -> None:
    body = gzip.compress(b" " * (100 * MB))
    headers = {**JSON, "Content-Encoding": coding}
    assert_problem(client.post("/v1/jobs", content=body, headers=headers), 415)


@pytest.fixture
def hasty(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    """Return an application that waits for nobody."""
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        body_seconds=0.3,
        request_seconds=1.5,
    )


def test_a_body_that_comes_in_drops_is_let_go_of(hasty: FastAPI) -> None:
    head = b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    with serving(hasty) as live:
        answers = [_drip(live, head) for _ in range(3)]
    for answer, seconds in answers:
        first, _, rest = answer.partition(b"\r\n")
        assert first == b"HTTP/1.1 408 Request Timeout"
        headers, _, body = rest.partition(b"\r\n\r\n")
        assert b"connection: close" in headers.lower()
        assert json.loads(body)["type"] == "/problems/slow-request"
        assert json.loads(body)["error_code"] == "TIMEOUT_ERROR"
        assert 0.25 < seconds < 5


def _drip(live: LiveApi, head: bytes) -> tuple[bytes, float]:
    """Send a byte now and then until the other side has closed; return its answer."""
    answer, began = b"", time.monotonic()
    with socket.create_connection(("127.0.0.1", live.port), timeout=30) as connection:
        connection.sendall(head)
        connection.settimeout(0.02)
        while True:
            with suppress(TimeoutError), suppress(ConnectionResetError):
                received = connection.recv(2**16)
                answer += received
                if not received:
                    break
            with suppress(OSError):
                connection.send(b" ")
    return answer, time.monotonic() - began


@pytest.mark.parametrize(
    "first",
    [
        "POST /nothing HTTP/1.1",
        "POST /v1/jobs HTTP/1.1\r\nContent-Encoding: gzip",
        "POST /v1/methods HTTP/1.1",
        "GET /healthz HTTP/1.1",
    ],
)
def test_who_drips_a_body_that_nobody_reads_is_let_go_of(
    hasty: FastAPI, first: str
) -> None:
    head = f"{first}\r\nHost: x\r\nContent-Length: 100000\r\n\r\n".encode()
    with serving(hasty) as live:
        answer, _ = _drip(live, head)
    assert b"connection: close" in answer.lower()


def test_many_slow_bodies_keep_nobody_else_waiting(hasty: FastAPI) -> None:
    head = b"POST /solve HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    with serving(hasty) as live:
        slow = [
            socket.create_connection(("127.0.0.1", live.port), timeout=30)
            for _ in range(100)
        ]
        for connection in slow:
            connection.sendall(head)
        # Beside them, and after they were let go of.
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", live.port)) as other:
                other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert other.recv(100).startswith(b"HTTP/1.1 200 ")
            for connection in slow:
                connection.recv(2**16)
        for connection in slow:
            connection.close()


def test_a_route_that_does_not_answer_is_answered_for(hasty: FastAPI) -> None:
    is_let_go = threading.Event()

    @hasty.get("/awaits")
    async def awaits() -> None:
        await asyncio.Event().wait()

    @hasty.get("/holds")
    def holds() -> None:
        is_let_go.wait(30)

    with serving(hasty) as live:
        for path in ("/awaits", "/holds"):
            began = time.monotonic()
            told = _get(live, path)
            assert b"408 Request Timeout" in told
            assert b'"TIMEOUT_ERROR"' in told
            assert b"Idempotency-Key" in told
            assert 1.4 < time.monotonic() - began < 10
        assert b"200 OK" in _get(live, "/healthz")
        is_let_go.set()


def _get(live: LiveApi, path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    answer = b""
    with socket.create_connection(("127.0.0.1", live.port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode())
        while received := connection.recv(2**16):
            answer += received
    return answer


def test_a_stream_that_has_begun_is_not_cut(hasty: FastAPI) -> None:
    async def count() -> object:
        # Longer than an answer may take to begin, and nothing to say.
        await asyncio.to_thread(threading.Event().wait, 2.0)
        yield b"the end"

    @hasty.get("/counts")
    async def counts() -> StreamingResponse:
        return StreamingResponse(count())  # type: ignore[arg-type]

    with serving(hasty) as live:
        for coding in ("identity", "gzip"):
            answer = _get(live, "/counts", f"Accept-Encoding: {coding}")
            assert answer.startswith(b"HTTP/1.1 200 OK")


def test_who_wishes_to_wait_waits(hasty: FastAPI) -> None:
    client = TestClient(hasty)
    began = time.monotonic()
    answer = client.post("/v1/jobs", json=NUG12, headers={"Prefer": "wait=2"})
    assert answer.status_code == 202
    assert time.monotonic() - began >= 2


def test_a_solve_waits_as_long_as_it_says(
    hasty: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", 0.5)
    given = {"problem_matrix": [[0, 1], [1, 0]], "timeout_seconds": 1}
    began = time.monotonic()
    answer = TestClient(hasty).post("/solve", json=given)
    assert answer.status_code == 408
    assert "it goes on as job_" in answer.json()["message"]
    assert time.monotonic() - began >= 1.4
