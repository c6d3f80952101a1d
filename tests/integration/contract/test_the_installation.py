"""The database, /info and the keys of the monitoring system, and what moves them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.database_views import _place
from api.main import create_app
from db.backplane import Backplane
from db.contracts.errors import DatabaseUnavailableError
from db.contracts.provider import CheckOutcome, Key, Limit, Window
from db.contracts.settings import Settings
from db.repositories import jobs
from tests.integration.api.conftest import OWN_HOST
from tests.integration.contract.shapes import (
    anything,
    boolean,
    faults,
    fields,
    integer,
    list_of,
    map_of,
    maybe,
    moment,
    number,
    text,
)
from tests.recorded_checks import add_provider, record_check

COUNT = integer(0)
STATS = fields(
    providers=COUNT,
    connection_attempts=COUNT,
    data_collections=COUNT,
    rate_limit_usage=COUNT,
    schedule_config=COUNT,
    schedule_compliance=COUNT,
    failure_logs=COUNT,
    alerts=COUNT,
    system_metrics=COUNT,
    database_size_mb=number(above=0),
)
HEALTH = fields(
    status=text("healthy"),
    database_path=text(),
    database_exists=boolean,
    stats=STATS,
    timestamp=moment,
)
INFO = fields(
    application=fields(name=text(), version=text(), environment=text()),
    configuration=map_of(anything),
    database=HEALTH,
    rate_limits=fields(configured_providers=COUNT),
    scheduler=fields(
        running=boolean,
        total_jobs=integer(1),
        jobs=list_of(fields(id=text(), name=text(), trigger=text()), least=1),
    ),
    websocket=fields(active_connections=COUNT, background_tasks_running=boolean),
    timestamp=moment,
)
CONFIG = fields(
    total_providers=COUNT,
    categories=COUNT,
    providers_with_keys=COUNT,
    tier1_count=COUNT,
    tier2_count=COUNT,
    tier3_count=COUNT,
    api_keys_loaded=COUNT,
    categories_list=list_of(text()),
)
KEYS = list_of(
    fields(
        provider=text(),
        key_name=text(),
        masked_key=maybe(text()),
        status=text("active", "missing"),
    ),
    least=1,
)
SECRET = "0123456789abcdefghij"
ETHERSCAN = Key(environment="ETHERSCAN_KEY_1", place="query", name="apikey")
BSCSCAN = Key(environment="BSCSCAN_KEY", place="query", name="apikey")


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def keyed(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """Yield a client of an application that was started with one key."""
    monkeypatch.setenv("ETHERSCAN_KEY_1", SECRET)
    known = sqlite_backplane.settings
    settings = Settings(
        home=known.home, database_url=known.database_url, redis_url=known.redis_url
    )
    app = create_app(settings)
    yield TestClient(app, client=OWN_HOST)
    app.state.solvequeue.close()


def test_the_rows_have_their_shapes(client: TestClient) -> None:
    assert faults(STATS, get(client, "/api/database/stats")) == []
    assert faults(HEALTH, get(client, "/api/database/health")) == []
    assert faults(INFO, get(client, "/info")) == []
    assert faults(CONFIG, get(client, "/api/config/stats")) == []


def test_rows_that_are_written_are_counted(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    before = get(client, "/api/database/stats")
    made = add_provider(sqlite_backplane.database)
    with sqlite_backplane.database.transaction() as connection:
        at = jobs.database_time(connection)
        record_check(connection, made.id, at)
        record_check(connection, made.id, at + 1, CheckOutcome.TIMEOUT)
    after = get(client, "/api/database/stats")
    grown = {
        name: after[name] - before[name]
        for name in ("providers", "connection_attempts", "failure_logs")
    }
    assert grown == {"providers": 1, "connection_attempts": 2, "failure_logs": 1}
    assert after["tables"]["provider_check"] == {"rows": 2, "exact": True}
    assert after["exact"]


def test_a_database_that_is_away_is_told_of(app: FastAPI, client: TestClient) -> None:
    class Away:
        def admit(self) -> None:
            raise DatabaseUnavailableError

        def succeeded(self) -> None: ...

        def failed(self) -> None: ...

    get(client, "/api/database/health")
    app.state.solvequeue.backplane.database.watch = Away()
    told = get(client, "/api/database/health")
    assert (told["status"], told["stats"]) == ("unhealthy", None)
    assert told["error"] == "database-unavailable"
    assert client.get("/api/database/stats").status_code == 503


def test_where_postgresql_is_is_told_without_who_may_enter() -> None:
    url = "postgresql://alice:s3cret@db.example:5433/queue"
    place = _place(Settings(database_url=url))
    assert place == ("postgresql", "db.example:5433/queue", None)


def test_who_is_watched_is_counted(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    before = get(client, "/api/config/stats")
    limits = (Limit(per=Window.MINUTE, calls=5),)
    add_provider(
        sqlite_backplane.database,
        name="Explorer",
        category="explorers",
        tier=1,
        key=ETHERSCAN,
        limits=limits,
    )
    add_provider(sqlite_backplane.database, name="News", category="news", tier=3)
    after = get(client, "/api/config/stats")
    grown = {
        name: after[name] - before[name]
        for name, value in before.items()
        if isinstance(value, int)
    }
    assert grown == {
        "total_providers": 2,
        "categories": 2,
        "providers_with_keys": 1,
        "tier1_count": 1,
        "tier2_count": 0,
        "tier3_count": 1,
        "api_keys_loaded": 0,
    }
    assert {"explorers", "news"} <= set(after["categories_list"])
    assert "Explorer" in get(client, "/info")["rate_limits"]["providers"]


def test_the_first_page_tells_who_is_watched(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    add_provider(sqlite_backplane.database, category="news")
    sqlite_backplane.presence.tell_tick()
    told = client.get("/").json()["system_info"]
    assert (told["total_providers"], told["categories"]) == (1, ["news"])
    assert told["scheduler_running"] is True


def test_keys_are_masked(keyed: TestClient, sqlite_backplane: Backplane) -> None:
    add_provider(sqlite_backplane.database, name="Etherscan", key=ETHERSCAN)
    add_provider(sqlite_backplane.database, name="BscScan", key=BSCSCAN)
    told = get(keyed, "/api/config/keys")
    assert faults(KEYS, told) == []
    assert {each["key_name"]: each["status"] for each in told} == {
        "ETHERSCAN_KEY_1": "active",
        "BSCSCAN_KEY": "missing",
    }
    assert SECRET not in keyed.get("/api/config/keys").text
    assert get(keyed, "/api/config/stats")["api_keys_loaded"] == 1
    (only,) = get(keyed, "/api/config/keys?provider=etherscan")
    assert only["masked_key"].startswith(SECRET[:1])
    assert SECRET not in keyed.get("/info").text


def test_the_installation_is_called_as_the_settings_say(
    sqlite_backplane: Backplane,
) -> None:
    known = sqlite_backplane.settings.model_copy(update={"environment": "staging"})
    app = create_app(known)
    try:
        told = get(TestClient(app, client=OWN_HOST), "/info")
    finally:
        app.state.solvequeue.close()
    assert told["application"]["environment"] == "staging"
