"""The scheduler of the monitoring system: its rows, and what moves them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from redis import Redis
from sqlalchemy import update
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from db.contracts.caller import Scope
from db.contracts.rate_limits import RateLimits
from db.models import BeatStanding
from db.repositories import beat_runs, jobs
from db.repositories.beat_runs import Ended
from tests.integration.api.keyed import client_of, make_key
from tests.integration.contract.answers import ERROR
from tests.integration.contract.shapes import (
    boolean,
    faults,
    fields,
    integer,
    list_of,
    maybe,
    moment,
    number,
    text,
)

JOB = fields(id=text(), name=text(), next_run=maybe(moment), trigger=text())
STATUS = fields(total_jobs=integer(1), is_running=boolean, jobs=list_of(JOB, least=1))
TABLE = list_of(
    fields(
        provider=text(),
        schedule_interval=text(),
        enabled=boolean,
        last_run=maybe(moment),
        next_run=maybe(moment),
        on_time_count=integer(0),
        late_count=integer(0),
        skip_count=integer(0),
        status=text("active", "behind", "disabled", "waiting"),
    ),
    least=1,
)
POINT = fields(
    date=text(),
    on_time=integer(0),
    late=integer(0),
    skipped=integer(0),
    compliance_percentage=maybe(number(0, 100)),
)
CHART = fields(
    days=integer(1, 30),
    labels=list_of(text(), least=1),
    total=fields(points=list_of(POINT, least=1)),
    series=list_of(fields(id=text(), points=list_of(POINT, least=1)), least=1),
)
SCHEDULE = {
    "name": "nightly",
    "cron": "0 3 * * *",
    "job": {"instance": {"name": "nug12"}},
}


@pytest.fixture
def guarded(sqlite_backplane: Backplane) -> Iterator[FastAPI]:
    """Yield the application, asking everyone who they are."""
    asking = {"auth_mode": "required", "rate_limits": RateLimits(is_on=False)}
    made = create_app(sqlite_backplane.settings.model_copy(update=asking))
    yield made
    made.state.solvequeue.close()


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def job(client: TestClient, name: str) -> dict[str, Any]:
    found = get(client, "/api/scheduler/status")["jobs"]
    named: dict[str, Any] = next(each for each in found if each["id"] == name)
    return named


def ran(backplane: Backplane, ago: float, **changes: Any) -> None:
    """Record a run of the hourly clean-up that beat sent so long ago."""
    with backplane.database.transaction() as connection:
        at = jobs.database_time(connection)
        told = {"sent_at": at - ago, "duration_seconds": ago, **changes}
        ended = Ended(name="retention", every_seconds=3600.0, **told)
        beat_runs.record(connection, ended, latest=50)


def test_the_rows_have_their_shapes(client: TestClient) -> None:
    assert faults(STATUS, get(client, "/api/scheduler/status")) == []
    assert faults(TABLE, get(client, "/api/schedule")) == []
    assert faults(CHART, get(client, "/api/charts/compliance?days=3")) == []


def test_what_never_ran_waits_and_nobody_knows_when_it_will(client: TestClient) -> None:
    found = job(client, "database_cleanup")
    assert (found["status"], found["next_run"], found["last_run"]) == (
        "waiting",
        None,
        None,
    )
    assert found["trigger"] == "every hour"
    assert found["schedule"] == "retention"


def test_runs_move_every_field(client: TestClient, sqlite_backplane: Backplane) -> None:
    ran(sqlite_backplane, 7200.0)
    ran(sqlite_backplane, 3000.0, duration_seconds=10.0)
    found = job(client, "database_cleanup")
    assert found["status"] == "active"
    assert found["last_run"]["outcome"] == "ok"
    assert found["last_run"]["duration_seconds"] == pytest.approx(10.0)
    # Sent ten minutes late, and begun an hour after its moment.
    assert found["last_run"]["delay_seconds"] > 2000
    assert (found["counts"]["on_time"], found["counts"]["late"]) == (1, 1)
    ran(sqlite_backplane, 0.0, sent_at=None, error_type="OSError", error="secret")
    found = job(client, "database_cleanup")
    assert (found["counts"]["failed"], found["counts"]["triggered"]) == (1, 1)
    (row,) = (
        each
        for each in get(client, "/api/schedule")
        if each["provider"] == "database_cleanup"
    )
    assert (row["on_time_count"], row["late_count"]) == (1, 1)
    assert row["on_time_percentage"] == 50.0
    items = get(client, "/api/scheduler/jobs/retention/runs")["items"]
    assert [each["cause"] for each in items] == ["trigger", "beat", "beat"]
    assert [each["error_type"] for each in items] == ["OSError", None, None]


def test_moments_that_go_by_while_beat_is_away_are_seen_and_then_counted(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    ran(sqlite_backplane, 3 * 3600.0 + 1800.0)
    found = job(client, "database_cleanup")
    assert (found["status"], found["missed_now"], found["next_run"]) == (
        "behind",
        3,
        None,
    )
    ran(sqlite_backplane, 0.0)
    found = job(client, "database_cleanup")
    assert (found["status"], found["missed_now"]) == ("active", 0)
    assert found["counts"]["skipped"] == 2
    chart = get(client, "/api/charts/compliance?days=2")
    assert sum(point["skipped"] for point in chart["total"]["points"]) == 2
    assert chart["total"]["compliance_percentage"] == 25.0


def test_one_that_runs_is_not_missed(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    ran(sqlite_backplane, 2 * 3600.0)
    with sqlite_backplane.database.transaction() as connection:
        at = jobs.database_time(connection)
        connection.execute(update(BeatStanding).values(begun_at=at - 5.0))
    found = job(client, "database_cleanup")
    assert (found["running"], found["missed_now"]) == (True, 0)


def test_whether_it_runs_is_told_by_whoever_ticks(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    assert not get(client, "/api/scheduler/status")["is_running"]
    sqlite_backplane.presence.tell_tick()
    assert get(client, "/api/scheduler/status")["is_running"]


@pytest.mark.parametrize("name", ["database_cleanup", "retention"])
def test_a_trigger_sends_the_task(client: TestClient, redis: Redis, name: str) -> None:
    answer = client.post(f"/api/scheduler/trigger/{name}")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    (message,) = redis.lrange("schedules", 0, -1)
    headers = json.loads(message)["headers"]
    assert (headers["task"], headers["id"]) == (told["task"], told["message_id"])
    assert told["task"] == "schedules.retention"
    # Beat's have one: by that a triggered run is known.
    assert headers["expires"] is None


def test_an_unknown_job_is_not_there_and_one_like_it_is_named(
    client: TestClient,
) -> None:
    answer = client.post("/api/scheduler/trigger/database_clean")
    assert answer.status_code == 404
    assert faults(ERROR, answer.json()) == []
    assert "database_cleanup" in answer.json()["suggestion"]
    assert client.get("/api/scheduler/jobs/nothing/runs").status_code == 404


@pytest.mark.parametrize("days", ["0", "31", "many"])
def test_a_chart_is_of_one_to_thirty_days(client: TestClient, days: str) -> None:
    answer = client.get(f"/api/charts/compliance?days={days}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#query/days"


def test_a_users_schedule_is_a_job_and_can_be_triggered(client: TestClient) -> None:
    made = client.post("/v1/schedules", json=SCHEDULE).json()["id"]
    before = get(client, "/api/scheduler/status")
    found = job(client, made)
    assert (found["name"], found["trigger"]) == ("nightly", "cron 0 3 * * *")
    assert found["next_run"] is not None
    told = client.post(f"/api/scheduler/trigger/{made}").json()
    assert get(client, f"/v1/jobs/{told['started_job']}")["kind"] == "solve"
    client.post(f"/v1/schedules/{made}/pause")
    assert job(client, made)["status"] == "disabled"
    client.delete(f"/v1/schedules/{made}")
    after = get(client, "/api/scheduler/status")
    assert after["total_jobs"] == before["total_jobs"] - 1


def test_who_is_no_operator_triggers_nothing_and_sees_no_error(
    sqlite_backplane: Backplane, guarded: FastAPI
) -> None:
    reader = client_of(guarded, make_key(guarded, "alice"))
    ran(sqlite_backplane, 0.0, error_type="OSError", error="secret")
    assert reader.post("/api/scheduler/trigger/retention").status_code == 403
    told = reader.get("/api/scheduler/status")
    assert "OSError" in told.text
    assert "secret" not in told.text
    operator = client_of(guarded, make_key(guarded, "op", frozenset(Scope)))
    assert "secret" in operator.get("/api/scheduler/status").text
