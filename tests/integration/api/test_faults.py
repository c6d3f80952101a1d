"""Parts that are away: what is still accepted, and what is refused as a whole."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from starlette.testclient import TestClient

from api.relay.hub import Hub
from db.backplane import Backplane
from db.contracts.event import EventType, Published
from db.contracts.job_kind import Queue
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler
from tests.conftest import Switch
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.story import Story
from tests.waiting import wait_until
from worker.attempt import run_attempt

NUG12 = {"instance": {"name": "nug12"}, "limits": {"iterations": 100}}


@pytest.fixture
def client(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> TestClient:
    app = make_app(
        database_url=sqlite_url,
        redis_url=own_valkey.redis_url,
        redis_timeout_seconds=0.2,
    )
    return TestClient(app, raise_server_exceptions=False, client=OWN_HOST)


@pytest.fixture
def backplane_of_client(client: TestClient) -> Backplane:
    found: Backplane = client.app.state.solvequeue.backplane  # type: ignore[attr-defined]
    return found


def assert_unavailable(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error_code"] == "SERVER_ERROR"
    assert answer.json()["suggestion"]


def test_a_job_is_accepted_while_redis_is_away_and_runs_when_it_is_back(
    client: TestClient, backplane_of_client: Backplane, own_valkey: EmbeddedValkey
) -> None:
    client.get("/readyz")
    own_valkey.stop()
    answer = client.post("/v1/jobs", json=NUG12)
    assert answer.status_code == 202
    path = answer.headers["location"]
    assert client.get(path).json()["state"] == "queued"
    assert client.get("/v1/jobs").json()["items"][0]["id"] == answer.json()["id"]

    own_valkey.start()
    with Redis.from_url(own_valkey.redis_url) as redis:

        def is_heard_of() -> bool:
            Reconciler(backplane_of_client).audit()
            return any(redis.llen(queue.value) for queue in Queue)

        # Not at once: for a moment nothing is sent to a broker that was away.
        wait_until(is_heard_of)
    run_attempt(backplane_of_client, answer.json()["id"])
    assert client.get(path).json()["state"] == "succeeded"
    page = client.get(f"{path}/events").json()
    assert page["items"][0]["type"] == EventType.JOB_QUEUED
    assert page["ended"]


def test_a_job_is_accepted_while_redis_hangs(
    client: TestClient, own_valkey: EmbeddedValkey
) -> None:
    client.get("/readyz")
    with Redis.from_url(own_valkey.redis_url) as redis:
        pid = int(redis.info("server")["process_id"])
    with frozen(pid):
        assert client.post("/v1/jobs", json=NUG12).status_code == 202
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["components"]["database"] == "ok"


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process of ours for a while, without its knowing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_cancel_is_heard_while_redis_is_away(
    client: TestClient, backplane_of_client: Backplane, own_valkey: EmbeddedValkey
) -> None:
    queued = Story(backplane_of_client).begin()
    running = Story(backplane_of_client).begin().start()
    own_valkey.stop()
    cancel = "/v1/jobs/{}/cancel".format
    assert client.post(cancel(queued.job_id)).status_code == 200
    assert client.post(cancel(running.job_id)).status_code == 202


def test_a_wait_ends_with_the_row_when_no_event_can_come(
    client: TestClient,
    backplane_of_client: Backplane,
    own_valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.waiting.STALE_SECONDS", 0.0)
    story = Story(backplane_of_client).begin()
    path = f"/v1/jobs/{story.job_id}"
    tag = client.get(path).headers["etag"]
    own_valkey.stop()
    client.post(f"{path}/cancel")
    headers = {"If-None-Match": tag, "Prefer": "wait=20"}
    assert client.get(path, headers=headers).json()["state"] == "cancelled"


def test_readiness_names_the_parts_that_are_away(
    client: TestClient, own_valkey: EmbeddedValkey
) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert set(ready.json()["components"].values()) == {"ok"}
    own_valkey.stop()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
    away = answer.json()["components"]
    assert away.pop("database") == "ok"
    assert set(away) == {"events", "broker"}
    assert "ok" not in away.values()
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_metrics_are_of_prometheus_form(client: TestClient) -> None:
    client.post("/v1/jobs", json=NUG12)
    answer = client.get("/metrics/prometheus")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    states = {s.labels["state"]: s.value for s in families["solvequeue_jobs"].samples}
    assert states["queued"] == 1
    assert len(states) == 6
    (counted,) = [
        s
        for s in families["solvequeue_http_requests"].samples
        if s.labels.get("route") == "/v1/jobs" and s.name.endswith("_total")
    ]
    assert (counted.labels["status"], counted.value) == ("202", 1)


@pytest.fixture
def switched(make_app: MakeApp, switch: Switch, valkey: EmbeddedValkey) -> TestClient:
    app = make_app(database_url=switch.url, redis_url=valkey.redis_url)
    return TestClient(app, raise_server_exceptions=False, client=OWN_HOST)


def test_without_the_database_nothing_is_accepted_and_nothing_half_made(
    switched: TestClient, switch: Switch, redis: Redis
) -> None:
    assert switched.post("/v1/jobs", json=NUG12).status_code == 202
    wait_until(lambda: len(redis.keys("solvequeue:head:*")) == 1)
    switch.off()
    given = {"problem_matrix": [[0, 1], [1, 0]], "flow_matrix": [[0, 1], [1, 0]]}
    for path, body in (
        ("/v1/jobs", NUG12),
        ("/v1/instances", {"costs": [[1, 2], [3, 4]]}),
        ("/solve", given),
        ("/solve-async", given),
    ):
        assert_unavailable(switched.post(path, json=body))
    assert_unavailable(switched.get("/v1/jobs"))
    assert_unavailable(switched.get("/v1/instances"))
    assert switched.get("/readyz").json()["components"]["database"] != "ok"
    assert "solvequeue_http_requests_total" in switched.get("/metrics/prometheus").text
    switch.on()
    assert len(switched.get("/v1/jobs").json()["items"]) == 1
    assert all(
        item["source"] == "library"
        for item in switched.get("/v1/instances").json()["items"]
    )
    assert len(redis.keys("solvequeue:head:*")) == 1
    assert switched.post("/v1/jobs", json=NUG12).status_code == 202


def test_an_application_may_start_before_its_database(
    make_app: MakeApp, switch: Switch, valkey: EmbeddedValkey
) -> None:
    switch.off()
    app = make_app(database_url=switch.url, redis_url=valkey.redis_url)
    client = TestClient(app, raise_server_exceptions=False, client=OWN_HOST)
    assert client.get("/healthz").status_code == 200
    assert_unavailable(client.post("/v1/jobs", json=NUG12))
    switch.on()
    assert client.post("/v1/jobs", json=NUG12).status_code == 202


def test_text_with_odd_characters_goes_in_and_comes_out_of_postgresql(
    make_app: MakeApp, postgresql_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(database_url=postgresql_url, redis_url=valkey.redis_url)
    client = TestClient(app, raise_server_exceptions=False, client=OWN_HOST)
    for name in ("\U0001f4a9", "\u202e", "'; --", "\ufffe", "%s {0}"):
        given = {"name": name, "costs": [[1, 2], [3, len(name)]]}
        answer = client.post("/v1/instances", json=given)
        assert answer.status_code in (200, 201)
    assert client.get("/v1/jobs/job_%00").status_code == 404
    assert client.get("/v1/instances/%00").status_code == 422


def test_the_hub_goes_on_after_its_server_was_away(
    own_valkey: EmbeddedValkey, sqlite_url: str
) -> None:
    settings = Settings(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    backplane = Backplane.open(settings)

    async def listen() -> None:
        hub = Hub(settings)
        story = Story(backplane)
        waiting: asyncio.Queue[Published | None] = asyncio.Queue()
        with hub.subscribe(story.job_id, waiting.put_nowait):
            await hub.wait_for_server()
            assert await waiting.get() is None
            await asyncio.to_thread(own_valkey.stop)
            assert await waiting.get() is None
            await asyncio.to_thread(own_valkey.start)
            await asyncio.to_thread(story.begin)
            while (event := await waiting.get()) is None:
                await asyncio.to_thread(story.backplane.log.mend, [story.job_id])
                await hub.wait_for_server()
                if (await hub.read(lambda: backplane.log.read(story.job_id))).events:
                    break
            assert event is None or event.sequence == 1
        await hub.close()

    asyncio.run(listen())
    backplane.close()
