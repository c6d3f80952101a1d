"""The contract's names that stand for checks: of all providers, or of a category's."""

from typing import Any

from redis import Redis
from sqlalchemy import select, update
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.models import Provider
from tests.recorded_checks import add_provider

LATER = 9e9


def due(backplane: Backplane) -> set[str]:
    """Return who is due, and have nobody be so."""
    with backplane.database.transaction() as connection:
        query = select(Provider.name).where(Provider.next_at < LATER)
        found = set(connection.execute(query).scalars())
        connection.execute(update(Provider).values(next_at=LATER))
    return found


def listed(client: TestClient) -> dict[str, Any]:
    return {
        each["id"]: each for each in client.get("/api/scheduler/status").json()["jobs"]
    }


def test_a_trigger_makes_those_due_that_are_meant(
    client: TestClient, sqlite_backplane: Backplane, redis: Redis
) -> None:
    assert "health_checks" in listed(client)
    assert "news_collection" not in listed(client)
    assert client.post("/api/scheduler/trigger/news_collection").status_code == 404
    add_provider(sqlite_backplane.database)
    add_provider(sqlite_backplane.database, name="News", category="news")
    found = listed(client)["news_collection"]
    assert (found["schedule"], found["trigger"]) == (
        "provider_health",
        "every 5 minutes",
    )
    due(sqlite_backplane)
    told = client.post("/api/scheduler/trigger/news_collection").json()
    assert told["task"] == "schedules.provider_health"
    assert due(sqlite_backplane) == {"News"}
    client.post("/api/scheduler/trigger/health_checks")
    assert due(sqlite_backplane) == {"News", "Prices"}
    assert redis.llen("schedules") == 2
