"""Whatever clients send to the sockets: errors or a close of ours, and no growth.

``FUZZ_FRAMES`` random frames go to each of the three sockets of one API process.
"""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from db.embedded_valkey import EmbeddedValkey
from tests.api_processes import ApiProcess, api_processes

FRAMES = int(os.environ.get("FUZZ_FRAMES", "150"))
BURST = 250
"""Frames of one socket: fewer than are a flood."""
PATHS = ("/v1/ws", "/ws", "/ws/live")
GREETINGS = {"welcome", "connection_established", "ready"}
LONG_BYTES = 10 << 20
GROWTH_MB = 48.0
TYPES = (
    *("init", "subscribe", "unsubscribe", "ping", "pong", "calculate"),
    *("request_calculation", "subscribe_metrics", "get_active_calculations", ""),
)
NAMES = (
    *("type", "id", "topic", "after", "epoch", "types", "token", "channel", "topics"),
    *("calculation_id", "calculation_type", "parameters", "data", "message"),
)
WORDS = ("a", "job:x", "jobs", "metrics", "solve", "system", "\x00", "é" * 50, "..")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    folder = tmp_path_factory.mktemp("fuzzed")
    with EmbeddedValkey(folder / "valkey") as valkey:
        environment = {
            "SOLVEQUEUE_HOME": str(folder / "home"),
            "DATABASE_URL": f"sqlite:///{folder / 'solvequeue.db'}",
            "REDIS_URL": valkey.redis_url,
            "BROKER_URL": valkey.broker_url,
            "SOLVEQUEUE_RATE_LIMITS": "off",
        }
        with api_processes(1, environment, Path(folder)) as (process,):
            yield process


def open_socket(api: ApiProcess, path: str) -> ClientConnection:
    url = api.url.replace("http", "ws") + path
    # However much waits to be read, the socket's own pongs are heard behind it.
    return connect(url, proxy=None, max_size=None, max_queue=None)


class Fuzz:
    """Draws frames: often nearly right, else anything."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def frame(self) -> str | bytes:
        match self._below(10):
            case 0:
                return self._rng.bytes(self._below(200))
            case 1:
                return "[" * self._below(30_000)
            case 2:
                return '{"a":' * self._below(10_000)
            case 3:
                return "x" * self._below(200_000)
            case 4:
                text = self._json()
                return text[: self._below(len(text))]
            case _:
                return self._json()

    def _json(self) -> str:
        frame = {self._one(NAMES): self._value(0) for _ in range(self._below(5))}
        frame["type"] = self._one(TYPES) if self._below(10) else self._value(0)
        return json.dumps(frame)

    def _value(self, depth: int) -> Any:
        match self._below(7 if depth < 4 else 5):
            case 0:
                return self._one(WORDS)
            case 1:
                return self._one(TYPES)
            case 2:
                return 2 ** self._below(70) * self._one((-1, 1))
            case 3:
                return float(self._rng.uniform(-1e300, 1e300))
            case 4:
                return self._one((None, True, False))
            case 5:
                return [self._value(depth + 1) for _ in range(self._below(4))]
            case _:
                return {
                    self._one(NAMES): self._value(depth + 1)
                    for _ in range(self._below(4))
                }

    def _below(self, most: int) -> int:
        return int(self._rng.integers(most)) if most else 0

    def _one(self, choices: Sequence[Any]) -> Any:
        return choices[self._below(len(choices))]


@pytest.mark.parametrize("path", PATHS)
def test_random_frames_are_answered_and_close_nothing(
    api: ApiProcess, path: str
) -> None:
    fuzz, left = Fuzz(PATHS.index(path)), FRAMES
    while left > 0:
        with open_socket(api, path) as socket:
            socket.send('{"type":"init"}')
            for _ in range(min(left, BURST)):
                socket.send(fuzz.frame())
            left -= BURST
            # Everything before it has been read by then.
            socket.send('{"type":"ping"}')
            while json.loads(socket.recv(timeout=60))["type"] != "pong":
                pass
            # A pong may be the answer to a random ping: the last is the socket's own.
            assert socket.ping().wait(60)
    assert api.answers()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["text", "binary", "fragments"])
def test_a_frame_of_ten_megabytes_is_closed_with_a_code_of_ours(
    api: ApiProcess, path: str, kind: str
) -> None:
    with open_socket(api, path) as socket:
        whole = "x" * LONG_BYTES
        sent: Any = whole
        if kind == "binary":
            sent = whole.encode()
        elif kind == "fragments":
            sent = (whole[i : i + 65_536] for i in range(0, LONG_BYTES, 65_536))
        with pytest.raises(ConnectionClosed):
            send_and_listen(socket, sent)
        assert socket.close_code == 4400
    assert api.answers()


def send_and_listen(socket: ClientConnection, sent: Any) -> None:
    socket.send(sent)
    while True:
        socket.recv(timeout=60)


@pytest.mark.parametrize("path", PATHS)
def test_a_flood_is_closed_with_a_code_of_ours(api: ApiProcess, path: str) -> None:
    with open_socket(api, path) as socket:
        sending = threading.Thread(target=send_until_closed, args=(socket,))
        sending.start()
        # A client that reads, or it could not see why it was closed.
        with suppress(ConnectionClosed):
            while True:
                socket.recv(timeout=60)
        sending.join()
        assert socket.close_code == 4429
    assert api.answers()


def send_until_closed(socket: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        while True:
            socket.send('{"type":"ping"}')


def test_memory_stays_as_it_was(api: ApiProcess) -> None:
    def abuse(times: int) -> None:
        for _ in range(times):
            for path in PATHS:
                with open_socket(api, path) as socket, suppress(ConnectionClosed):
                    send_and_listen(socket, "x" * LONG_BYTES)
                with open_socket(api, path) as socket:
                    for _ in range(5):
                        socket.send("y" * 900_000)
                    socket.send('{"type":"init"}')

    abuse(2)
    before = api.rss_mb
    abuse(4)
    assert api.rss_mb - before < GROWTH_MB
