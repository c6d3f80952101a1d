"""Memory is bounded between jobs and within one, and no job is lost by it."""

import sys
from typing import Any

import numpy as np
import pytest

from db.contracts.job_state import JobState
from tests.acceptance.conftest import SECONDS, OpenService, Service
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel counts it on Linux only"
)
MIB = 2**20
JOBS = 8
ROOM_MIB = 64
"""Less than a solve of order 1,000 takes, more than a small one."""


@pytest.fixture(scope="module")
def large() -> dict[str, Any]:
    flow, distance = np.random.default_rng(1).integers(0, 100, (2, 1000, 1000))
    return {
        "flow": (flow + flow.T).tolist(),
        "distance": (distance + distance.T).tolist(),
    }


def only_child(service: Service) -> int:
    (child,) = service.solver_children()
    return child.pid


def solve_small(service: Service) -> None:
    job = service.client.submit_solve(
        "nug12", limits={"time_s": 0.1}, cache=False, wait_seconds=SECONDS
    )
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 1)


def runs_once(service: Service, job_id: str) -> None:
    types = [event.type for event in service.log_of(job_id)]
    assert types.count("job.started") == 1
    assert types[-1] == "job.succeeded"


def test_a_child_that_has_grown_is_replaced_and_no_job_notices(
    open_service: OpenService, large: dict[str, Any]
) -> None:
    service = open_service(worker_processes=1)
    solve_small(service)
    (child,) = service.solver_children()
    usual = child.memory_info().rss // MIB
    service.stack.stop()
    service = open_service(
        {"SOLVEQUEUE_WORKER_MEMORY_MB": str(usual + ROOM_MIB)}, worker_processes=1
    )
    before = only_child(service)
    for _ in range(3):
        solve_small(service)
    assert only_child(service) == before
    grown = service.client.submit_solve(large, method="faq", limits={"time_s": 2.0})
    # These wait behind it, and run in the child that comes after.
    others = [
        service.client.submit_solve("nug12", limits={"time_s": 0.1}, cache=False)
        for _ in range(JOBS)
    ]
    for job in (grown, *others):
        ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
        assert (ended.state, ended.attempt) == (JobState.SUCCEEDED, 1)
        runs_once(service, job.id)
    assert only_child(service) != before


def test_children_that_are_replaced_after_every_task_lose_nothing(
    open_service: OpenService,
) -> None:
    # No child can be as small as that.
    service = open_service({"SOLVEQUEUE_WORKER_MEMORY_MB": "100"})
    before = {child.pid for child in service.solver_children()}
    jobs = [
        service.client.submit_solve("nug12", limits={"time_s": 0.1}, cache=False)
        for _ in range(JOBS)
    ]
    for job in jobs:
        ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
        assert (ended.state, ended.attempt) == (JobState.SUCCEEDED, 1)
        runs_once(service, job.id)
    wait_until(
        lambda: before.isdisjoint(child.pid for child in service.solver_children()),
        seconds=SECONDS,
    )


def test_a_job_that_needs_too_much_fails_at_once_and_alone(
    open_service: OpenService, large: dict[str, Any]
) -> None:
    service = open_service({"SOLVEQUEUE_MAX_JOB_BYTES": str(ROOM_MIB * MIB)})
    before = {child.pid for child in service.solver_children()}
    fellow = service.client.submit_solve("tai100a", limits={"time_s": 4.0})
    service.wait_for(fellow.id, lambda seen: seen.state is JobState.RUNNING)
    greedy = service.client.submit_solve(large, limits={"time_s": 2.0})
    ended = service.wait_for(greedy.id, lambda seen: seen.state.is_final)
    assert (ended.state, ended.attempt) == (JobState.FAILED, 1)
    assert ended.error is not None
    assert ended.error.code == "memory-limit"
    assert f"{ROOM_MIB} MiB" in ended.error.message
    types = [event.type for event in service.log_of(greedy.id)]
    assert types.count("job.started") == 1
    assert "job.attempt_lost" not in types
    # Whose process it was goes on too.
    solve_small(service)
    runs_once(service, fellow.id)
    assert {child.pid for child in service.solver_children()} == before
