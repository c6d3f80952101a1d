"""Readers of a log: each returns the events' bytes as they came off the wire."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
from websockets.sync.client import ClientConnection, connect

from tests.described import check_frame
from tests.integration.api.live import LiveApi
from tests.integration.api.story import Story

SSE = {"Accept": "text/event-stream"}
TERMINAL = {"job.succeeded", "job.failed", "job.cancelled", "job.expired"}
PATIENCE_SECONDS = 30.0
MAX_CHECKED = 10_000
"""Characters: frames of huge permutations are as the others, and slow to check."""


def events_path(story: Story) -> str:
    return f"/v1/jobs/{story.job_id}/events"


def type_of(body: str) -> str:
    return str(json.loads(body)["type"])


def number_of(body: str) -> int:
    return int(json.loads(body)["sequence"])


def events_in(text: str) -> list[str]:
    """Return the data of a whole stream's events."""
    prefix = "data: "
    return [line[len(prefix) :] for line in text.split("\n") if line.startswith(prefix)]


@contextmanager
def sse(
    live: LiveApi, story: Story, *, last: int | None = None
) -> Iterator[Iterator[str]]:
    """Open a stream and yield its events' bytes, one by one."""
    headers = SSE if last is None else {**SSE, "Last-Event-ID": str(last)}
    with (
        httpx2.Client(
            base_url=live.url, trust_env=False, timeout=PATIENCE_SECONDS
        ) as client,
        client.stream("GET", events_path(story), headers=headers) as response,
    ):
        assert response.status_code == 200
        yield (
            line[len("data: ") :]
            for line in response.iter_lines()
            if line.startswith("data: ")
        )


@asynccontextmanager
async def many(live: LiveApi) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client for many streams at a time."""
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(
        base_url=live.url, trust_env=False, timeout=PATIENCE_SECONDS, limits=limits
    ) as client:
        yield client


async def stream_to_end(
    client: httpx2.AsyncClient, story: Story, *, last: int = 0
) -> list[str]:
    """Read a stream until the service ends it."""
    headers = {**SSE, "Last-Event-ID": str(last)}
    answer = await client.get(events_path(story), headers=headers)
    assert answer.status_code in (200, 204)
    return events_in(answer.text)


class Socket:
    """A client of ``solve.v1`` that says what it does."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **frame: Any) -> None:
        self.connection.send(json.dumps(frame))

    def text(self) -> str:
        received = self.connection.recv(timeout=PATIENCE_SECONDS)
        assert isinstance(received, str)
        # Whatever a test is about: it is as the document of the sockets says.
        if len(received) < MAX_CHECKED:
            check_frame(json.loads(received))
        return received

    def frame(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text())
        return found

    def begin(self) -> "Socket":
        self.send(type="init")
        assert self.frame()["type"] == "ready"
        return self

    def subscribe(self, story: Story, name: str = "a", **seen: Any) -> dict[str, Any]:
        """Subscribe; return the snapshot."""
        topic = f"job:{story.job_id}"
        self.send(type="subscribe", id=name, topic=topic, **seen)
        snapshot = self.frame()
        assert (snapshot["type"], snapshot["id"]) == ("snapshot", name)
        return snapshot

    def bodies(self, name: str = "a") -> list[str]:
        """Return the bytes of all events up to the end of the subscription."""
        head, found = f'{{"type":"event","id":"{name}","event":', []
        while (text := self.text()).startswith(head):
            found.append(text[len(head) : -1])
        assert json.loads(text) == {"type": "end", "id": name}
        return found


@contextmanager
def socket_to(live: LiveApi, **options: Any) -> Iterator[Socket]:
    """Open a socket."""
    with connect(live.socket_url, proxy=None, **options) as connection:
        yield Socket(connection)
