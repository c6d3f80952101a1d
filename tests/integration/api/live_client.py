"""A client of the earlier servers' sockets, as their users wrote them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.described import check_frame
from tests.integration.api.live import LiveApi

PATIENCE_SECONDS = 30.0


class Client:
    """Sends and awaits frames by their types."""

    def __init__(self, connection: ClientConnection, path: str) -> None:
        self.connection = connection
        self.path = path
        self.passed: list[dict[str, Any]] = []
        """What came before what was awaited."""

    def send(self, type_: str, **fields: Any) -> None:
        self.connection.send(json.dumps({"type": type_, **fields}))

    def frame(self, *, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Return the next frame."""
        found: dict[str, Any] = json.loads(self.connection.recv(timeout=seconds))
        # Whatever a test is about: it is as the document of the sockets says.
        check_frame(found, address=self.path)
        return found

    def await_(self, *types: str) -> dict[str, Any]:
        """Return the next frame of one of these types."""
        while (frame := self.frame())["type"] not in types:
            self.passed.append(frame)
        return frame

    def find(self, type_: str) -> dict[str, Any]:
        """Return the first frame of this type, of those that came or is to come."""
        came = [frame for frame in self.passed if frame["type"] == type_]
        return came[0] if came else self.await_(type_)

    def ask(self, type_: str, *answers: str, **fields: Any) -> dict[str, Any]:
        """Send; return the first frame that answers."""
        self.send(type_, **fields)
        return self.await_(*answers)

    def is_open(self) -> bool:
        """Return whether a ping is answered."""
        return self.ask("ping", "pong")["type"] == "pong"


@contextmanager
def client_of(
    live: LiveApi, path: str, *, query: str = "", **options: Any
) -> Iterator[Client]:
    """Open a socket at the path."""
    url = f"ws://127.0.0.1:{live.port}{path}{query}"
    with connect(url, proxy=None, **options) as connection:
        yield Client(connection, path)
