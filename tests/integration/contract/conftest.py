"""The application with a worker in the test's own process."""

import threading
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from tests.integration.api.conftest import OWN_HOST
from tests.integration.api.live import LiveApi, serving
from tests.one_worker import OneWorker


@pytest.fixture
def app(sqlite_backplane: Backplane) -> Iterator[FastAPI]:
    """Yield the application on the database and server that the worker has too."""
    made = create_app(sqlite_backplane.settings)
    yield made
    made.state.solvequeue.close()


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, client=OWN_HOST)


@pytest.fixture
def working(sqlite_backplane: Backplane) -> Iterator[None]:
    """Run a worker beside the test."""
    ended = threading.Event()

    def work() -> None:
        worker = OneWorker(sqlite_backplane)
        while not ended.wait(0.01):
            worker.work()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def live(app: FastAPI) -> Iterator[LiveApi]:
    with serving(app) as running:
        yield running
