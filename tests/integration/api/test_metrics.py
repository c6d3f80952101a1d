"""What the service counts, in JSON and for Prometheus, and how it judges itself."""

from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from starlette.testclient import TestClient

from api.vitals import Vitals
from db.backplane import Backplane
from db.contracts.job_state import FINAL_STATES
from db.contracts.metric import METRICS, PROBES
from db.embedded_valkey import EmbeddedValkey
from db.repositories import jobs
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.one_worker import OneWorker
from tests.sample_workers import solver
from tests.waiting import wait_until

NUG12 = {
    "instance": {"name": "nug12"},
    "limits": {"iterations": 200, "time_s": 5},
    "cache": False,
}
SOLVER = solver(processes=[8, 9], slots=2, queues=["bulk", "interactive", "standard"])


def families_of(
    client: TestClient, path: str = "/metrics/prometheus"
) -> dict[str, Any]:
    text = client.get(path).text
    return {family.name: family for family in text_string_to_metric_families(text)}


def value_of(client: TestClient, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in families_of(client).values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def work(backplane: Backplane, *, ended: int) -> None:
    """Run jobs until so many have ended; messages come from a thread of the API."""
    worker = OneWorker(backplane)

    def have_ended() -> bool:
        worker.work()
        with backplane.database.reading() as connection:
            by_state = jobs.count_by_state(connection)
        return sum(by_state[state] for state in FINAL_STATES) == ended

    wait_until(have_ended)


def test_every_metric_of_the_registry_is_told_and_no_other(client: TestClient) -> None:
    families = families_of(client)
    names = {
        f"{name}_total" if family.type == "counter" else name
        for name, family in families.items()
    }
    assert names == set(METRICS)
    for name, metric in METRICS.items():
        family = families[name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        for sample in family.samples:
            extra = {"le", "quantile"} & set(sample.labels)
            assert set(sample.labels) - extra == set(metric.labels)


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("text/plain; version=0.0.4", "text/plain; version=0.0.4"),
        ("text/plain;version=0.0.4;q=0.3,*/*;q=0.1", "text/plain; version=0.0.4"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_a_scraper_gets_text_and_everyone_else_json(
    client: TestClient, accept: str, answer: str
) -> None:
    told = client.get("/metrics", headers={"Accept": accept})
    assert told.status_code == 200
    assert told.headers["content-type"].startswith(answer)
    always = client.get("/metrics/prometheus", headers={"Accept": accept})
    wanted = answer if "openmetrics" in answer else "text/plain; version=0.0.4"
    assert always.headers["content-type"].startswith(wanted)
    if "openmetrics" in answer:
        assert list(openmetrics_families(told.text))


def test_json_and_prometheus_tell_the_same(client: TestClient) -> None:
    for _ in range(3):
        client.post("/v1/jobs", json=NUG12)
    client.post("/v1/jobs", json={})
    client.get("/v1/jobs/unknown")
    told = client.get("/metrics").json()
    assert told["total_requests"] == 5
    assert told["status_counts"] == {"202": 3, "404": 1, "422": 1}
    assert (told["total_errors"], told["error_rate"]) == (0, 0.0)
    assert 0 < told["p50_ms"] <= told["p95_ms"] <= told["p99_ms"]
    assert told["jobs"]["queued"] == told["requests_in_queue"] == 3
    assert told["active_requests"] >= 1
    assert told["shared"] is True
    name = "solvequeue_http_requests_total"
    assert value_of(client, name, route="/v1/jobs", status="202") == 3
    assert value_of(client, name, route="/v1/jobs/{job_id}", status="404") == 1
    # The reading of /metrics is among them by now, and this one is not.
    assert value_of(client, "qap_requests_total") == 5 + 3
    assert value_of(client, "qap_errors_total") == 0


def test_a_job_that_ends_is_counted_once_with_its_times_and_gap(
    client: TestClient, app_backplane: Backplane
) -> None:
    client.post("/v1/jobs", json={**NUG12, "method": "two_swap"})
    work(app_backplane, ended=1)
    app_backplane.meter.flush()
    labels = {"kind": "solve", "method": "two_swap"}
    finished = "solvequeue_jobs_finished_total"
    assert value_of(client, finished) == 1
    assert value_of(client, finished, state="succeeded", **labels) == 1
    assert value_of(client, "solvequeue_job_run_seconds_count", **labels) == 1
    wait = "solvequeue_job_queue_wait_seconds_count"
    assert value_of(client, wait, queue="interactive") == 1
    assert value_of(client, "solvequeue_job_final_gap_ratio_count") == 1
    told = client.get("/metrics").json()
    assert told["method_counts"] == {"two_swap": 1}
    assert told["total_optimizations"] == 1
    assert told["success_rate"] == 1.0
    assert 0 < told["avg_quality"] <= 1
    assert told["avg_runtime_ms"] > 0


def test_equal_work_and_what_is_cancelled_are_counted_too(
    client: TestClient, app_backplane: Backplane
) -> None:
    request = {**NUG12, "cache": True, "method": "two_swap"}
    client.post("/v1/jobs", json=request)
    client.post("/v1/jobs", json=request)
    work(app_backplane, ended=2)
    client.post("/v1/jobs", json=request)
    waiting = client.post("/v1/jobs", json=NUG12).json()["id"]
    assert client.post(f"/v1/jobs/{waiting}/cancel").status_code == 200
    finished = "solvequeue_jobs_finished_total"
    app = client.app
    assert isinstance(app, FastAPI)
    app.state.solvequeue.announcer.close()
    assert value_of(client, finished, state="succeeded", method="two_swap") == 3
    assert value_of(client, finished, state="cancelled") == 1
    # Only one of them ran.
    assert value_of(client, "solvequeue_job_run_seconds_count") == 1
    assert value_of(client, "solvequeue_cache_hits_total") == 1
    assert value_of(client, "solvequeue_cache_results") == 1


def test_statistics_are_there_before_and_after_the_first_job(
    client: TestClient, app_backplane: Backplane
) -> None:
    empty = client.get("/stats").json()
    flat = (
        *("average_quality", "average_runtime_seconds", "min_quality", "max_quality"),
        *("total_requests", "requests_in_queue", "success_rate"),
    )
    assert {empty[name] for name in flat} == {0}
    assert empty["methods_available"] >= 8
    client.post("/v1/jobs", json={**NUG12, "method": "two_swap"})
    work(app_backplane, ended=1)
    told = client.get("/stats").json()
    assert (
        0 < told["min_quality"] == told["average_quality"] == told["max_quality"] <= 1
    )
    assert told["methods"]["two_swap"]["succeeded"] == 1
    assert told["queues"]["interactive"]["waiting"] == 0
    assert told["requests"]["completed"] == told["total_requests"] == 2


def test_health_tells_every_field_that_a_client_looks_for(client: TestClient) -> None:
    told = client.get("/health").json()
    assert set(told) == {
        *("status", "system_status", "version", "timestamp", "last_check", "uptime"),
        *("uptime_seconds", "services_online", "total_services", "components"),
        "metrics",
    }
    assert (told["status"], told["system_status"]) == ("healthy", "operational")
    assert told["uptime"] == 100.0
    components = told["components"]
    assert {components[name] for name in ("api", "cache", "rate_limiter")} == {"ok"}
    assert components["circuit_breaker"] == "closed"
    assert components["optimization_engine"] == "no_workers"
    assert components["database"] == {"status": "healthy"}
    assert components["scheduler"] == {"status": "stopped"}
    assert components["websocket"] == {"status": "running", "active_connections": 0}
    assert set(components["providers"].values()) == {0}
    assert {"p50_ms", "p95_ms", "p99_ms", "cache_size"} <= set(told["metrics"])


def test_with_workers_and_beat_the_engine_is_well(
    client: TestClient, app_backplane: Backplane
) -> None:
    assert value_of(client, "solvequeue_beat_ticking") == 0
    app_backplane.presence.tell_worker(SOLVER)
    app_backplane.presence.tell_tick()
    assert value_of(client, "solvequeue_beat_ticking") == 1
    told = client.get("/health").json()
    assert told["components"]["optimization_engine"] == "ok"
    assert told["components"]["scheduler"] == {"status": "running"}
    draft = client.get("/health", headers={"Accept": "application/health+json"})
    assert draft.headers["content-type"] == "application/health+json"
    assert draft.json()["status"] == "pass"
    assert value_of(client, "solvequeue_workers") == 1
    assert value_of(client, "solvequeue_worker_slots") == 2


def test_a_missing_worker_is_a_warning(client: TestClient) -> None:
    told = client.get("/health", headers={"Accept": "application/health+json"})
    assert (told.status_code, told.json()["status"]) == (200, "warn")
    assert "no worker" in told.json()["output"]
    assert told.json()["checks"]["workers"][0]["status"] == "warn"


def fail(app: FastAPI, client: TestClient, *, faults: int, fine: int) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    for _ in range(faults):
        assert client.get("/broken").status_code == 500
    for _ in range(fine):
        client.get("/v1/jobs")


@pytest.mark.parametrize(
    ("faults", "fine", "status"),
    [(1, 9, "healthy"), (2, 10, "degraded"), (6, 5, "unhealthy"), (5, 0, "healthy")],
)
def test_faults_of_ours_are_judged_by_their_share(
    app: FastAPI, client: TestClient, faults: int, fine: int, status: str
) -> None:
    fail(app, client, faults=faults, fine=fine)
    told = client.get("/health")
    assert (told.status_code, told.json()["status"]) == (200, status)
    assert client.get("/api/health").json()["data"] == {"status": status}


def test_errors_of_callers_and_of_probes_do_not_count(
    client: TestClient, own_valkey: EmbeddedValkey
) -> None:
    for _ in range(30):
        client.post("/v1/jobs", json={"instance": {"costs": "no"}})
        client.get("/nowhere")
    told = client.get("/health").json()
    assert told["status"] == "healthy"
    assert told["metrics"]["error_rate"] == 0.0
    assert told["metrics"]["total_requests"] == 60


def test_an_unhealthy_service_fails_in_the_words_of_the_draft(
    app: FastAPI, client: TestClient
) -> None:
    fail(app, client, faults=20, fine=0)
    told = client.get("/health", headers={"Accept": "application/health+json"})
    assert (told.status_code, told.json()["status"]) == (503, "fail")


def test_without_redis_a_process_tells_its_own_and_says_so(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    client = TestClient(
        make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url),
        client=OWN_HOST,
    )
    assert client.get("/v1/jobs").status_code == 200
    own_valkey.stop()
    assert client.get("/v1/jobs").status_code == 200
    told = client.get("/health").json()
    assert told["status"] == "degraded"
    assert told["metrics"]["shared"] is False
    assert told["metrics"]["total_requests"] == 2
    assert told["components"]["optimization_engine"] == "unknown"
    assert told["components"]["events"]["status"] != "healthy"
    assert value_of(client, "solvequeue_metrics_shared") == 0
    assert value_of(client, "solvequeue_http_requests_total", route="/v1/jobs") == 2
    assert client.get("/metrics").json()["shared"] is False
    assert client.get("/stats").status_code == 200
    assert client.get("/v1/workers").status_code == 503
    assert client.post("/admin/clear").status_code == 503
    assert client.get("/admin/status").status_code == 200


def test_ready_is_readyz_that_always_answers_200(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    client = TestClient(
        make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    )
    told = client.get("/ready").json()
    assert told["status"] == "ready"
    assert told["circuit_breaker"]["state"] == "closed"
    own_valkey.stop()
    told = client.get("/ready")
    assert (told.status_code, told.json()["status"]) == (200, "not_ready")
    assert client.get("/readyz").status_code == 503


def test_uptime_is_the_services_and_outlives_a_process(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey, redis: Redis
) -> None:
    one, other = (
        TestClient(make_app(database_url=sqlite_url, redis_url=valkey.redis_url))
        for _ in range(2)
    )
    assert one.get("/health").json()["uptime"] == 100.0
    redis.set("solvequeue:begun", 1_000_000.0)
    assert other.get("/metrics").json()["uptime_seconds"] > 1e9
    minute = redis.time()[0] // 60
    redis.delete("solvequeue:health")
    # Good, bad, and one in which nobody was there.
    samples = {minute: 1, minute - 1: 0, minute - 3: 1, minute - 2000: 0}
    redis.hset("solvequeue:health", mapping=samples)
    redis.hdel("solvequeue:health", minute - 2000)
    assert other.get("/health").json()["uptime"] == 50.0


def test_probes_are_routes(app: FastAPI) -> None:
    assert set(app.openapi()["paths"]) >= PROBES


def test_what_redis_tells_needs_no_other_part(
    app: FastAPI, app_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that says nothing would be waited for, and a scraper waits ten seconds."""
    asked: list[str] = []
    monkeypatch.setattr(
        type(app_backplane.broker), "ping", lambda _: asked.append("broker")
    )
    vitals = Vitals(app.state.solvequeue)
    assert vitals.workers == []
    assert asked == []
    assert list(vitals.parts.items()) == [
        ("database", "ok"),
        ("events", "ok"),
        ("broker", "ok"),
    ]
    assert asked == ["broker"]
