"""What operators see, clear, pause and let go on."""

import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.reconciler import Reconciler
from tests.conftest import OpenBackplane
from tests.integration.api.test_metrics import NUG12, SOLVER, work
from tests.one_worker import OneWorker


def test_the_status_has_all_that_operators_look_for(client: TestClient) -> None:
    client.post("/v1/jobs", json=NUG12)
    told = client.get("/admin/status").json()
    assert told["service"] == "SolveQueue"
    assert told["requests"]["completed"] == 1
    assert told["requests"]["total"] == 1 + told["requests"]["active"]
    assert told["jobs"]["queued"] == 1
    assert told["cache"]["max_size"] == 1000
    assert set(told["circuit_breaker"]) == {
        *("state", "failures", "threshold", "last_failure"),
    }
    assert 10 < told["memory"]["rss_mb"] < told["memory"]["vms_mb"]
    assert told["rate_limiter"]["active_buckets"] == 0
    assert told["paused_queues"] == []


def test_clearing_forgets_numbers_and_cached_results_and_no_job(
    client: TestClient, app_backplane: Backplane
) -> None:
    request = {**NUG12, "cache": True}
    job = client.post("/v1/jobs", json=request).json()["id"]
    work(app_backplane, ended=1)
    told = client.post("/admin/clear").json()
    assert (told["status"], told["cached_results"]) == ("cleared", 1)
    numbers = client.get("/metrics").json()
    # The clearing itself was counted after it had cleared.
    assert numbers["status_counts"] == {"200": 1}
    assert numbers["jobs"]["succeeded"] == 1
    assert client.get(f"/v1/jobs/{job}").json()["state"] == "succeeded"
    assert client.get("/admin/status").json()["cache"]["size"] == 0


def test_the_breaker_is_told_of_and_can_be_reset(
    app: FastAPI, client: TestClient
) -> None:
    breaker = app.state.solvequeue.breakers.engine
    for _ in range(breaker.look().threshold):
        breaker.fail()
    told = client.get("/admin/status").json()["circuit_breaker"]
    assert (told["state"], told["failures"]) == ("open", told["threshold"])
    assert told["last_failure"].endswith("Z")
    assert client.get("/health").json()["components"]["circuit_breaker"] == "open"
    assert client.get("/ready").json()["circuit_breaker"]["state"] == "open"
    assert client.post("/admin/circuit-breaker/reset").json()["status"] == "reset"
    told = client.get("/admin/status").json()["circuit_breaker"]
    assert (told["state"], told["failures"]) == ("closed", 0)


def test_workers_are_listed_with_what_they_run(
    client: TestClient, app_backplane: Backplane
) -> None:
    assert client.get("/v1/workers").json() == {
        "items": [],
        "slots": 0,
        "running": 0,
        "busy_ratio": 0.0,
    }
    app_backplane.presence.tell_worker(SOLVER)
    courier = SOLVER.model_copy(
        update={"id": "here:10:1", "name": "couriers@here", "queues": ["webhooks"]}
    )
    app_backplane.presence.tell_worker(courier)
    told = client.get("/v1/workers").json()
    assert [each["name"] for each in told["items"]] == ["couriers@here", "solvers@here"]
    assert told["slots"] == 2
    app_backplane.presence.forget_worker(SOLVER.id)
    assert len(client.get("/v1/workers").json()["items"]) == 1


def test_a_worker_runs_what_its_children_have_leased() -> None:
    assert SOLVER.runs("here:8:123")
    assert SOLVER.runs("here:7:1")
    assert not SOLVER.runs("here:10:123")
    assert not SOLVER.runs("there:8:123")
    assert not SOLVER.runs("")


@pytest.mark.parametrize("action", ["pause", "resume"])
@pytest.mark.parametrize("name", ["unknown", "webhooks", "schedules"])
def test_only_queues_of_jobs_can_be_paused(
    client: TestClient, name: str, action: str
) -> None:
    told = client.post(f"/v1/queues/{name}/{action}")
    assert told.status_code == 404
    assert "interactive" in told.json()["suggestion"]


def state_of(client: TestClient, job_id: str) -> str:
    state: str = client.get(f"/v1/jobs/{job_id}").json()["state"]
    return state


def paused(client: TestClient) -> list[str]:
    items = client.get("/v1/queues").json()["items"]
    return [each["name"] for each in items if each["paused_at"] is not None]


def test_jobs_of_a_paused_queue_wait_and_none_is_lost(
    client: TestClient, app_backplane: Backplane, redis: Redis
) -> None:
    before = client.post("/v1/jobs", json=NUG12).json()["id"]
    assert client.post("/v1/queues/interactive/pause").json()["waiting"] == 1
    assert client.post("/v1/queues/interactive/pause").status_code == 200
    assert paused(client) == ["interactive"]
    during = client.post("/v1/jobs", json=NUG12).json()["id"]
    worker = OneWorker(app_backplane)
    worker.work()
    states = {
        client.get(f"/v1/jobs/{each}").json()["state"] for each in (before, during)
    }
    assert states == {"queued"}
    # Whoever looks for jobs without a message does not wake a paused queue.
    Reconciler(app_backplane).send_hints()
    assert redis.llen("interactive") == 0
    assert client.get("/admin/status").json()["paused_queues"] == ["interactive"]
    assert client.post("/v1/queues/interactive/resume").json()["paused_at"] is None
    assert client.post("/v1/queues/interactive/resume").status_code == 200
    worker.work_off(before, during)
    states = {
        client.get(f"/v1/jobs/{each}").json()["state"] for each in (before, during)
    }
    assert states == {"succeeded"}
    assert paused(client) == []


def test_other_queues_go_on(client: TestClient, app_backplane: Backplane) -> None:
    for queue in ("standard", "bulk"):
        client.post(f"/v1/queues/{queue}/pause")
    job = client.post("/v1/jobs", json=NUG12).json()["id"]
    work(app_backplane, ended=1)
    assert state_of(client, job) == "succeeded"


def test_a_pause_survives_a_restart(
    client: TestClient,
    app_backplane: Backplane,
    open_backplane: OpenBackplane,
    redis: Redis,
) -> None:
    client.post("/v1/queues/bulk/pause")
    redis.flushall()
    settings = app_backplane.settings
    again = open_backplane(database_url=settings.database, redis_url=settings.redis)
    assert paused(client) == ["bulk"]
    again.close()
