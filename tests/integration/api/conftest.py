"""The application on SQLite and Valkey, without any worker."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.keyed import SECRET
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.story import Story

MakeApp = Callable[..., FastAPI]
OWN_HOST = ("127.0.0.1", 50_000)


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    """Yield a function that makes applications by settings; the fixture ends them."""
    made: list[FastAPI] = []

    def make(**settings: object) -> FastAPI:
        # Tests ask more often than any caller may, and take parts away one by one.
        guard = {"rate_limits": "off", "database_pause_seconds": 0}
        known = {"home": tmp_path / "home", **guard, **settings}
        made.append(create_app(Settings(**known)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for app in made:
        app.state.solvequeue.close()


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(database_url=sqlite_url, redis_url=valkey.redis_url)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """Return a client on the service's own host, which may do all.

    It sees a fault as its 500; there is no lifespan.
    """
    return TestClient(app, raise_server_exceptions=False, client=OWN_HOST)


@pytest.fixture
def guarded_settings(sqlite_url: str, valkey: EmbeddedValkey) -> dict[str, Any]:
    return {
        "database_url": sqlite_url,
        "redis_url": valkey.redis_url,
        "auth_mode": "required",
    }


@pytest.fixture
def guarded(make_app: MakeApp, guarded_settings: dict[str, Any]) -> FastAPI:
    """Return an application that asks everyone who they are."""
    return make_app(**guarded_settings, jwt_secret=SECRET)


@pytest.fixture
def live(app: FastAPI) -> Iterator[LiveApi]:
    with serving(app) as running:
        yield running


@pytest.fixture
def app_backplane(app: FastAPI) -> Backplane:
    """Return what the application itself works with."""
    backplane: Backplane = app.state.solvequeue.backplane
    return backplane


@pytest.fixture
def story(app_backplane: Backplane) -> Story:
    """Return a job that is running."""
    return Story(app_backplane).begin().start()
