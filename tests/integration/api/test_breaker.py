"""The breaker before the solvers, as callers of /solve meet it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from api.state import ApiState
from db.breaker import BreakerState
from db.contracts.errors import InternalError, InvalidInputError, ServiceError
from db.contracts.event import JobEnded
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from db.repositories import attempts
from tests.conftest import Switch
from tests.integration.api.conftest import MakeApp
from tests.waiting import wait_until
from worker.attempt import run_attempt

OPEN_SECONDS = 8
"""Long enough for a busy machine to ask a few times meanwhile."""
GIVEN = {"problem_matrix": [[0, 1], [1, 0]], "timeout_seconds": 10}


class Solvers:
    """Do jobs as they come: right, or with this error."""

    def __init__(self, app: FastAPI, redis: Redis) -> None:
        self.error: ServiceError | None = None
        self.ended: list[str] = []
        self._state: ApiState = app.state.solvequeue
        self._redis = redis

    def step(self) -> None:
        for key in self._redis.keys("solvequeue:head:*"):
            job_id = str(key).rpartition(":")[2]
            if job_id not in self.ended:
                self.ended.append(job_id)
                self._end(job_id)

    def _end(self, job_id: str) -> None:
        backplane = self._state.backplane
        if self.error is None:
            run_attempt(backplane, job_id)
            return
        with backplane.database.transaction() as connection:
            claim = attempts.claim(
                connection, job_id, owner="elsewhere:1:1.00", lease_seconds=600.0
            )
            if claim is None:
                # It was answered with another's result.
                return
            ending = attempts.finish(
                connection,
                job_id,
                attempt=claim.attempt,
                state=JobState.FAILED,
                payload=JobEnded(attempt=claim.attempt, error=self.error.record()),
                error=self.error.record(),
            )
        backplane.log.publish([claim.started, ending])


@pytest.fixture
def guarded(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        breaker_failures=3,
        breaker_seconds=OPEN_SECONDS,
    )


@pytest.fixture
def asking(guarded: FastAPI) -> TestClient:
    return TestClient(guarded, raise_server_exceptions=False)


@pytest.fixture
def solvers(guarded: FastAPI, redis: Redis) -> Iterator[Solvers]:
    """Run jobs as they come."""
    made, is_over = Solvers(guarded, redis), threading.Event()

    def work() -> None:
        while not is_over.wait(0.01):
            made.step()

    thread = threading.Thread(target=work)
    thread.start()
    yield made
    is_over.set()
    thread.join()


def standing(app: FastAPI) -> Any:
    return app.state.solvequeue.breakers.state_of("optimization_engine")


def recorded(client: TestClient) -> int:
    return len(client.get("/v1/jobs").json()["items"])


def test_faults_of_ours_open_it_and_one_that_ends_well_closes_it(
    guarded: FastAPI, asking: TestClient, solvers: Solvers
) -> None:
    solvers.error = InternalError()
    for _ in range(3):
        answer = asking.post("/solve", json=GIVEN)
        assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    before = recorded(asking)
    for path in ("/solve", "/solve-async"):
        answer = asking.post(path, json=GIVEN)
        assert answer.status_code == 503
        assert answer.json()["error_code"] == "CIRCUIT_BREAKER_OPEN"
        assert answer.json()["type"] == "/problems/circuit-open"
        assert 1 <= int(answer.headers["retry-after"]) <= OPEN_SECONDS
    assert recorded(asking) == before
    # What does not wait for solvers goes on.
    assert asking.get(f"/solve/{solvers.ended[0]}/status").status_code == 200
    other = asking.post("/v1/jobs", json={"instance": {"name": "nug12"}})
    assert other.status_code < 300
    # Not left for the solvers that are well again: they would take a minute for it.
    wait_until(
        lambda: asking.get(other.headers["location"]).json()["state"] == "failed"
    )

    solvers.error = None
    wait_until(lambda: standing(guarded).state is BreakerState.HALF_OPEN)
    # One that is refused for another reason does not use the one try up.
    assert asking.post("/solve", json={}).status_code == 422
    answer = asking.post("/solve", json=GIVEN)
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert standing(guarded).state is BreakerState.CLOSED


def test_a_probe_that_fails_keeps_it_open(
    guarded: FastAPI, asking: TestClient, solvers: Solvers
) -> None:
    solvers.error = InternalError()
    for _ in range(3):
        asking.post("/solve", json=GIVEN)
    wait_until(lambda: standing(guarded).state is BreakerState.HALF_OPEN)
    assert asking.post("/solve", json=GIVEN).json()["status"] == "failed"
    assert standing(guarded).state is BreakerState.OPEN
    assert asking.post("/solve", json=GIVEN).status_code == 503


def test_a_result_that_was_there_already_says_nothing_of_the_solvers(
    guarded: FastAPI, asking: TestClient, solvers: Solvers
) -> None:
    assert not asking.post("/solve", json=GIVEN).json()["cached"]
    solvers.error = InternalError()
    for seed in range(1, 4):
        other = {**GIVEN, "method": "tabu_search", "random_seed": seed}
        assert asking.post("/solve", json=other).json()["status"] == "failed"
    wait_until(lambda: standing(guarded).state is BreakerState.HALF_OPEN)
    assert asking.post("/solve", json=GIVEN).json()["cached"]
    assert standing(guarded).state is BreakerState.HALF_OPEN
    # And another may try.
    solvers.error = None
    new = {**GIVEN, "method": "tabu_search", "random_seed": 9}
    assert asking.post("/solve", json=new).json()["status"] == "completed"
    assert standing(guarded).state is BreakerState.CLOSED


def test_what_the_caller_did_wrong_is_no_failure(
    guarded: FastAPI, asking: TestClient, solvers: Solvers
) -> None:
    solvers.error = InvalidInputError("not solvable")
    for _ in range(4):
        assert asking.post("/solve", json=GIVEN).json()["status"] == "failed"
        assert asking.post("/solve", json={}).status_code == 422
    assert standing(guarded).failures == 0


def test_solves_that_time_out_open_it(
    guarded: FastAPI, asking: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", -0.9)
    given = {**GIVEN, "timeout_seconds": 1}
    for _ in range(3):
        assert asking.post("/solve", json=given).status_code == 408
    assert standing(guarded).state is BreakerState.OPEN
    guarded.state.solvequeue.breakers.reset()
    assert asking.post("/solve", json=given).status_code == 408


def test_a_database_that_is_away_is_left_alone_and_back_within_three_seconds(
    make_app: MakeApp, switch: Switch, valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url=switch.url,
        redis_url=valkey.redis_url,
        database_pause_seconds=1.0,
    )
    client = TestClient(app, raise_server_exceptions=False)
    job = {"instance": {"name": "nug12"}}
    assert client.post("/v1/jobs", json=job).status_code == 202
    switch.off()
    codes = [client.post("/v1/jobs", json=job).json()["error_code"] for _ in range(7)]
    assert codes == ["SERVER_ERROR"] * 5 + ["CIRCUIT_BREAKER_OPEN"] * 2
    switch.on()
    wait_until(lambda: client.post("/v1/jobs", json=job).status_code == 202, seconds=3)
    assert app.state.solvequeue.breakers.state_of("database").failures == 0
