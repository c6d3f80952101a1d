"""One receiver that hangs delays nobody: real requests, few couriers."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from db.backplane import Backplane
from db.embedded_valkey import EmbeddedValkey
from db.event_log import entry_of
from tests.conftest import OpenBackplane
from tests.sample_jobs import claim_new, finish, milestones
from tests.sample_webhooks import hinted, own_endpoint
from tests.waiting import wait_until
from worker.webhooks.deliver import deliver

COURIERS = 4
OWED = 50


class HangingServer:
    """Accepts every connection and never answers."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/hook"
        self.accepted: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self.accepted.append(self._socket.accept()[0])

    def close(self) -> None:
        # An accept that waits does not notice a close.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self.accepted:
            each.close()


@pytest.fixture
def hanging() -> Iterator[HangingServer]:
    server = HangingServer()
    yield server
    server.close()


@pytest.fixture
def backplane(
    open_backplane: OpenBackplane, database_url: str, valkey: EmbeddedValkey
) -> Backplane:
    return open_backplane(
        database_url=database_url,
        redis_url=valkey.redis_url,
        webhook_allow_cidrs="127.0.0.0/8",
        webhook_couriers=COURIERS,
    )


class Couriers:
    """Threads that take hints in the order in which they were sent."""

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._threads = ThreadPoolExecutor(COURIERS)

    def send(self, delivery_ids: list[str]) -> None:
        for each in delivery_ids:
            self._threads.submit(deliver, self._backplane, each)

    def reconcile(self) -> bool:
        """Do as the reconciler does every second."""
        share = self._backplane.settings.webhook_share
        self.send(hinted(self._backplane.database, limit=200, share=share))
        return False

    def stop(self) -> None:
        self._threads.shutdown()


def owe(backplane: Backplane, url: str) -> list[str]:
    claimed = claim_new(backplane.database)
    own_endpoint(backplane.database, claimed.job_id, url=url)
    owed = finish(backplane.database, claimed).delivery_ids
    told = milestones(backplane.database, claimed.job_id)
    backplane.stream.append([entry_of(each) for each in told])
    return list(owed)


def test_a_receiver_that_hangs_delays_nobody(
    backplane: Backplane,
    hanging: HangingServer,
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[float] = []

    def receive(_: Request) -> Response:
        heard.append(time.monotonic())
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(receive)
    waiting = [each for _ in range(OWED) for each in owe(backplane, hanging.url)]
    couriers = Couriers(backplane)
    # What couriers hint themselves comes back to them.
    monkeypatch.setattr(
        backplane.broker,
        "send_all",
        lambda hints: couriers.send([each.record_id for each in hints]),
    )
    try:
        couriers.send(waiting)
        wait_until(lambda: len(hanging.accepted) == 1, seconds=30)
        # Each of the others is heard although 49 wait before them.
        quick = [owe(backplane, httpserver.url_for("/hook")) for _ in range(10)]
        sent_at = time.monotonic()
        for each in quick:
            couriers.send(each)
        wait_until(lambda: len(heard) == len(quick) or couriers.reconcile())
        assert heard[0] - sent_at < 2.0
        # All of them long before the first request to the other is given up.
        timeout = backplane.settings.webhook_timeout_seconds
        assert heard[-1] - sent_at < timeout / 2
        # The one that hangs has its share, and no more.
        assert len(hanging.accepted) == backplane.settings.webhook_share == 1
    finally:
        hanging.close()
        couriers.stop()
