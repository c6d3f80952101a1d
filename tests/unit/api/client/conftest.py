"""A client of each colour, of a service that a test makes up."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from pytest_httpserver import HTTPServer

from api.client import Client
from tests.colours import COLOURS, opened

OpenClient = Callable[..., AbstractContextManager[Client]]


@pytest.fixture(params=COLOURS)
def open_client(request: pytest.FixtureRequest) -> OpenClient:
    return partial(opened, request.param)


@pytest.fixture
def client(open_client: OpenClient, httpserver: HTTPServer) -> Iterator[Client]:
    with open_client(httpserver.url_for("")) as client:
        yield client
