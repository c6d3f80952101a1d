"""One thread's way to the service: connections of its own, and what it notes."""

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import httpx2
from numpy.random import Generator
from websockets.sync.client import ClientConnection, connect

from api.client import Client
from tests.acceptance.chaos.ledger import Accepted, Ledger
from tests.acceptance.chaos.receiver import SECRET
from tests.benchmarks.soak.journal import Journal

TIMEOUT_SECONDS = 60.0
KEPT_SECONDS = 4.0
"""The server lets go of connections that are idle for 5 s."""
WEBHOOK_SHARE = 0.5
RECENT = 200
Body = dict[str, Any]


class WrongAnswerError(Exception):
    """The service answered something that nothing excuses."""


class Caller:
    """Sends what the load asks for; each thread has its connections."""

    def __init__(
        self, base_url: str, *, ledger: Ledger, journal: Journal, webhook_url: str
    ) -> None:
        self.base_url = base_url
        self.journal = journal
        self.recent: deque[str] = deque(maxlen=RECENT)
        """Ids of the last jobs, for those who read."""
        self._ledger = ledger
        self._webhook_url = webhook_url
        self._local = threading.local()

    def begin(
        self, kind: str, path: str, body: Body, rng: Generator, *, wait: int = 0
    ) -> Body:
        """Send a job, now and then with a webhook; return the answer."""
        if rng.random() < WEBHOOK_SHARE:
            body = body | {"webhook_url": self._webhook_url, "webhook_secret": SECRET}
        key = rng.bytes(16).hex()
        headers = {"Idempotency-Key": f'"{key}"'}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        answer = self.ask("POST", path, body=body, headers=headers)
        self._ledger.accept(Accepted(answer["id"], key, kind, body))
        self.recent.append(answer["id"])
        return answer

    def cancel(self, job_id: str) -> None:
        self.ask("POST", f"/v1/jobs/{job_id}/cancel")
        self._ledger.cancel(job_id, 202)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the answer's JSON, or its text; anything but success is an error."""
        answer = self._http().request(method, path, json=body, headers=headers)
        if not answer.is_success:
            raise WrongAnswerError(
                f"{method} {path}: {answer.status_code} {answer.text[:300]}"
            )
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json else answer.text

    def client(self) -> AbstractContextManager[Client]:
        """Return a new client, which follows streams."""
        return Client(self.base_url)

    def socket(self, topic: str) -> AbstractContextManager[ClientConnection]:
        """Return a new WebSocket that follows a topic from its beginning."""
        return _Following(self.base_url, topic)

    def note(self, kind: str, due: float) -> None:
        """Note what has just ended and was due then, by the monotonic clock."""
        self.journal.latency(kind, time.monotonic() - due)

    def _http(self) -> httpx2.Client:
        found: httpx2.Client | None = getattr(self._local, "http", None)
        if found is None:
            found = self._local.http = httpx2.Client(
                base_url=self.base_url,
                timeout=TIMEOUT_SECONDS,
                trust_env=False,
                limits=httpx2.Limits(keepalive_expiry=KEPT_SECONDS),
            )
        return found


class _Following(AbstractContextManager[ClientConnection]):
    def __init__(self, base_url: str, topic: str) -> None:
        self._url = base_url.replace("http://", "ws://") + "/v1/ws"
        self._topic = topic

    def __enter__(self) -> ClientConnection:
        socket = connect(self._url, subprotocols=["solve.v1"], proxy=None)  # type: ignore[list-item]
        self._socket = socket
        socket.send(json.dumps({"type": "init"}))
        subscribe: Body = {"type": "subscribe", "id": "a", "topic": self._topic}
        if ":" in self._topic:
            subscribe["after"] = 0
        socket.send(json.dumps(subscribe))
        return socket

    def __exit__(self, *_: object) -> None:
        self._socket.close()
