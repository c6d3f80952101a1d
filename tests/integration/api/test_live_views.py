"""What is told to those who follow the service, from what happened."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.live_views import live_metrics, metrics_update, queue_update, system_update
from api.state import ApiState
from db.backplane import Backplane
from db.contracts.job_kind import Queue
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.repositories import activity, queues
from tests import sample_jobs
from tests.integration.api.conftest import MakeApp
from tests.sample_workers import SOLVER

HOUR = 3600.0


@pytest.fixture
def state(app: FastAPI) -> ApiState:
    found: ApiState = app.state.solvequeue
    return found


def test_a_service_without_jobs_tells_zeros(state: ApiState) -> None:
    told = live_metrics(state).model_dump(exclude={"last_updated"})
    assert told.pop("system_uptime") == 100.0
    assert set(told.values()) == {0}


def test_what_happened_is_what_is_told(
    state: ApiState, app_backplane: Backplane
) -> None:
    database = app_backplane.database
    ended = [
        sample_jobs.claim(database, sample_jobs.submit(database, caller=caller))
        for caller in ("key:a", "key:b", "key:a")
    ]
    for claimed, quality in zip(ended, (1.0, 0.5, None), strict=True):
        fate = JobState.FAILED if quality is None else JobState.SUCCEEDED
        sample_jobs.finish(database, claimed, fate)
        sample_jobs.set_row(database, claimed.job_id, quality=quality)
    sample_jobs.set_row(database, ended[0].job_id, created_at=now() - 40 * 24 * HOUR)
    sample_jobs.set_row(database, ended[1].job_id, created_at=now() - 25 * HOUR)
    sample_jobs.claim_new(database)
    family = sample_jobs.submit(database, kind="batch", children=2, caller="key:c")
    sample_jobs.set_row(database, family, state=JobState.RUNNING.value)
    update = metrics_update(state)
    told = update.live
    assert told.total_clients == 4
    assert (told.active_calls, told.campaigns_running) == (1, 1)
    assert (told.calls_today, told.monthly_call_volume) == (3, 4)
    assert told.success_rate == pytest.approx(66.667)
    assert told.ai_optimization_score == 75.0
    assert update.calculations.total_calculations == 0


def test_calculations_are_counted_and_priced(state: ApiState) -> None:
    database = state.backplane.database
    fates = (JobState.SUCCEEDED, JobState.FAILED, JobState.SUCCEEDED)
    ended = [sample_jobs.claim_new(database) for _ in fates]
    for claimed, fate, hours in zip(ended, fates, (0, 1, 30), strict=True):
        sample_jobs.finish(database, claimed, fate)
        sample_jobs.set_row(
            database,
            claimed.job_id,
            kind="calculate",
            method="npv",
            elapsed_s=0.25,
            finished_at=now() - hours * HOUR,
        )
    done = metrics_update(state).calculations
    assert (done.total_calculations, done.last_24h_calculations) == (3, 2)
    assert done.success_rate == pytest.approx(2 / 3)
    assert done.average_processing_time_ms == 250
    assert done.revenue_summary.model_dump() == {
        "total_revenue": 0.4,
        "base_revenue": 0.3,
        "premium_revenue": 0.1,
        "projected_monthly": 9.0,
    }


def test_callers_are_counted_once_on_both_databases(backplane: Backplane) -> None:
    with backplane.database.reading() as connection:
        assert activity.activity(connection).callers == 0
    for caller in ("", "b", "a", "b", "", "key:z"):
        sample_jobs.submit(backplane.database, caller=caller)
    with backplane.database.reading() as connection:
        counted = activity.activity(connection)
    assert (counted.callers, counted.today, counted.month) == (4, 6, 6)


def test_standings_of_all_queues_are_those_of_each(backplane: Backplane) -> None:
    database = backplane.database
    for queue in (Queue.BULK, Queue.BULK, Queue.INTERACTIVE):
        sample_jobs.submit(database, queue=queue.value)
    sample_jobs.submit(database, queue=Queue.BULK.value, held=True)
    sample_jobs.claim(database, sample_jobs.submit(database, queue=Queue.BULK.value))
    with database.reading() as connection:
        found = queues.standings(connection)
        single = {
            name: queues.standing_of(connection, Queue(name))
            for name in ("bulk", "interactive", "standard")
        }
    assert "standard" not in found
    for name, standing in found.items():
        assert standing.waiting == single[name].waiting
        assert standing.running == single[name].running
        assert standing.oldest_age_s == pytest.approx(single[name].oldest_age_s, abs=1)


def test_queues_are_told_in_short(state: ApiState, app_backplane: Backplane) -> None:
    database = app_backplane.database
    sample_jobs.wait_long(database, sample_jobs.submit(database))
    with database.transaction() as connection:
        queues.pause(connection, Queue.BULK, by="ops")
    told = {item.name: item for item in queue_update(state).items}
    assert list(told) == ["interactive", "standard", "bulk"]
    assert told["interactive"].waiting == 1
    assert told["interactive"].oldest_age_s == pytest.approx(60, abs=5)
    assert [name for name, each in told.items() if each.paused] == ["bulk"]


def test_the_service_and_its_parts_are_told(
    state: ApiState, app_backplane: Backplane
) -> None:
    told = system_update(state)
    assert told.system_metrics.model_dump() == {
        "total_providers": 0,
        "online_count": 0,
        "degraded_count": 0,
        "offline_count": 0,
        "avg_response_time_ms": 0.0,
        "total_requests_hour": 0,
        "total_failures_hour": 0,
        "system_health": "healthy",
    }
    assert told.alert_count == 0
    assert told.system_health.status == "healthy"
    assert told.system_health.data.status == "operational"
    online = told.system_health.data.services_online
    app_backplane.presence.tell_worker(SOLVER)
    later = system_update(state).system_health.data
    assert (later.services_online, later.total_services) == (online + 1, 7)
    assert live_metrics(state).agents_active == 1


def test_while_redis_is_away_what_nobody_knows_is_left_out(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    app = make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    client = TestClient(app)
    whole = client.get("/metrics/live").json()
    own_valkey.stop()
    told = client.get("/metrics/live")
    assert told.status_code == 200
    assert set(whole) - set(told.json()) == {"agents_active"}
    assert system_update(app.state.solvequeue).system_health.status == "degraded"


def test_rest_tells_what_the_socket_tells(client: TestClient, state: ApiState) -> None:
    told = client.get("/metrics/live").json()
    expected = live_metrics(state).model_dump(exclude_none=True)
    assert told.pop("last_updated") <= expected.pop("last_updated")
    assert told == expected
    assert told["revenue_today"] == 0
