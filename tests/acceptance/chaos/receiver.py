"""Whom the webhooks call: notes every request, and fails on some of them."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from numpy.random import Generator
from standardwebhooks import Webhook, WebhookVerificationError
from typing_extensions import override

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
FAILING_SHARE = 0.1
MAX_FAILURES = 2
"""Of one message: the waits grow to minutes, and nothing is learnt from them."""
OK, FAILED, UNSIGNED = 204, 500, 400


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    webhook_id: str
    job_id: str
    type: str
    sequence: int
    status: int
    """What was answered."""
    at: float


class Receiver:
    """Its notes; several threads write them."""

    def __init__(self, rng: Generator, *, failing_share: float = FAILING_SHARE) -> None:
        self._rng = rng
        self._failing_share = failing_share
        self._heard: list[Heard] = []
        self._failures: Counter[str] = Counter()
        self._noting = threading.Lock()
        self.url = ""

    @property
    def heard(self) -> list[Heard]:
        with self._noting:
            return list(self._heard)

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Note the request; return the status to answer with."""
        try:
            event: dict[str, Any] = Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError:
            event = {}
        webhook_id = headers.get("webhook-id", "")
        with self._noting:
            status = self._answer(webhook_id) if event else UNSIGNED
            self._heard.append(
                Heard(
                    webhook_id=webhook_id,
                    job_id=event.get("subject", ""),
                    type=event.get("type", ""),
                    sequence=int(event.get("sequence", 0)),
                    status=status,
                    at=time.time(),
                )
            )
        return status

    def _answer(self, webhook_id: str) -> int:
        fails = self._rng.random() < self._failing_share
        if not fails or self._failures[webhook_id] >= MAX_FAILURES:
            return OK
        self._failures[webhook_id] += 1
        return FAILED


@contextmanager
def listening_receiver(
    rng: Generator,
    address: str = "127.0.0.1",
    *,
    failing_share: float = FAILING_SHARE,
) -> Iterator[Receiver]:
    """Listen on a port of the address for as long as the context lasts."""
    receiver = Receiver(rng, failing_share=failing_share)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            names = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(self.rfile.read(length), names))
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing: pytest's output is the run's report."""

    server = ThreadingHTTPServer((address, 0), Handler)
    receiver.url = f"http://{address}:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, name="receiver")
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
