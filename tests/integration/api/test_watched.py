"""What is watched, in short: as /health and the live socket tell it."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import watching
from api.live_views import system_update
from db.backplane import Backplane
from db.contracts.provider import CheckOutcome, ErrorType
from db.repositories import providers
from db.repositories.jobs import database_time
from tests.recorded_checks import FAILED, REFUSED, add_provider, record_check

NAMES = ("one", "two", "three", "four", "five")


@pytest.fixture(autouse=True)
def _look_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FRESH_SECONDS", -1.0)


def told(app: FastAPI, client: TestClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return /health's part and the socket's, which agree."""
    health = client.get("/health").json()
    metrics = system_update(app.state.solvequeue).system_metrics.model_dump()
    counts = health["components"]["providers"]
    assert counts == {
        "total": metrics["total_providers"],
        "online": metrics["online_count"],
        "degraded": metrics["degraded_count"],
        "offline": metrics["offline_count"],
    }
    for name in ("total_requests_hour", "total_failures_hour", "system_health"):
        assert health["metrics"][name] == metrics[name]
    return health, metrics


def test_every_number_moves_with_the_providers(
    app: FastAPI, client: TestClient, app_backplane: Backplane
) -> None:
    ids = [add_provider(app_backplane.database, name=name).id for name in NAMES]
    _, before = told(app, client)
    assert (before["total_providers"], before["online_count"]) == (5, 0)
    assert (before["avg_response_time_ms"], before["system_health"]) == (0, "healthy")
    with app_backplane.database.transaction() as connection:
        now = database_time(connection)
        for each in ids[:4]:
            record_check(connection, each, now - 60, response_ms=100.0)
        record_check(connection, ids[4], now - 60, **REFUSED)
    _, first = told(app, client)
    assert first == {
        "total_providers": 5,
        "online_count": 4,
        "degraded_count": 1,
        "offline_count": 0,
        "avg_response_time_ms": 88.0,
        "total_requests_hour": 5,
        "total_failures_hour": 1,
        "system_health": "healthy",
    }
    with app_backplane.database.transaction() as connection:
        for each in ids[:2]:
            for ago in (50, 40, 30):
                record_check(connection, each, now - ago, **FAILED)
        blocked = {"error_type": ErrorType.BUDGET}
        record_check(connection, ids[2], now - 30, CheckOutcome.BLOCKED, **blocked)
        # Too long ago to be of the hour.
        record_check(connection, ids[3], now - 3700, response_ms=9000.0)
    health, second = told(app, client)
    assert (second["online_count"], second["offline_count"]) == (2, 2)
    assert (second["total_requests_hour"], second["total_failures_hour"]) == (11, 7)
    assert (second["avg_response_time_ms"], second["system_health"]) == (
        *(88.0, "critical"),
    )
    # What is outside says nothing of whether jobs can be sent.
    assert health["status"] == "healthy"
    with app_backplane.database.transaction() as connection:
        providers.set_paused(connection, ids[0], paused=True)
    _, third = told(app, client)
    assert (third["total_providers"], third["system_health"]) == (4, "degraded")


def test_it_is_read_now_and_then_only(
    app: FastAPI,
    client: TestClient,
    app_backplane: Backplane,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "FRESH_SECONDS", 3600.0)
    _, before = told(app, client)
    add_provider(app_backplane.database)
    assert told(app, client)[1] == before
    monkeypatch.setattr(watching, "FRESH_SECONDS", -1.0)
    assert told(app, client)[1]["total_providers"] == before["total_providers"] + 1
