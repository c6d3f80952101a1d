"""The application with a worker in the test's own process."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from tests import one_worker
from tests.integration.api.conftest import OWN_HOST
from tests.integration.api.live import LiveApi, serving


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
    with one_worker.working(sqlite_backplane):
        yield


@pytest.fixture
def live(app: FastAPI) -> Iterator[LiveApi]:
    with serving(app) as running:
        yield running
