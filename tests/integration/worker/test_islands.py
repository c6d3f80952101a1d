"""A solve by several children: what they share, how the race ends, what is kept."""

import json
import threading
from itertools import pairwise
from typing import Any

import numpy as np

from db.acceptance import accept
from db.backplane import Backplane
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds.islands import ISLANDS, IslandsRequest, IslandsResult
from db.contracts.kinds.solve import Limits, SolveRequest
from db.models import Job
from db.repositories import jobs
from db.repositories.jobs import JobFilter
from tests.sample_jobs import row
from worker import qap
from worker.attempt import run_attempt
from worker.coordination import lead_on
from worker.qap import qaplib

NUG12 = qaplib.load("nug12")


def wanted(*, islands: int = 2, method: str = "memetic", **changes: Any) -> Any:
    limits = changes.pop("limits", Limits(time_s=60, target_objective=578))
    solve = SolveRequest(
        instance="0" * 64,
        instance_name=changes.pop("name", "nug12"),
        order=changes.pop("order", 12),
        method=method,
        limits=limits,
    )
    return IslandsRequest(islands=islands, solve=solve, **changes)


def begin(backplane: Backplane, request: IslandsRequest) -> tuple[str, list[str]]:
    """Accept it, and open its children; return its id and theirs, by island."""
    new = jobs.describe(ISLANDS, request, job_id=new_id("job"))
    with backplane.database.transaction() as connection:
        accept(connection, new)
    lead_on(backplane, new.id)
    return new.id, [child.id for child in children(backplane, new.id)]


def children(backplane: Backplane, parent_id: str) -> list[Job]:
    with backplane.database.reading() as connection:
        found = jobs.list_jobs(
            connection, JobFilter(parent_id=parent_id), after=None, limit=99
        )
    return sorted(found, key=lambda job: job.position or 0)


def run_beside(backplane: Backplane, job_id: str) -> threading.Thread:
    thread = threading.Thread(target=run_attempt, args=(backplane, job_id))
    thread.start()
    return thread


def ended(backplane: Backplane, job_id: str) -> IslandsResult:
    found = row(backplane.database, job_id)
    assert found.state == JobState.SUCCEEDED
    assert found.result is not None
    return IslandsResult.model_validate_json(found.result)


def log_of(backplane: Backplane, job_id: str) -> list[dict[str, Any]]:
    return [json.loads(event.body) for event in backplane.log.read(job_id).events]


def assert_monotone(log: list[dict[str, Any]]) -> None:
    """No objective rises, and no bound falls, in all that a log tells."""
    data = [event["data"] for event in log]
    objectives = [each["objective"] for each in data if each.get("objective")]
    bounds = [each["bound"] for each in data if each.get("bound") is not None]
    assert all(before >= after for before, after in pairwise(objectives))
    assert all(before <= after for before, after in pairwise(bounds))
    found = [e["data"]["objective"] for e in log if e["type"] == "job.incumbent"]
    assert len(found) == len(set(found))


def test_two_islands_share_one_log_and_the_first_to_end_ends_both(
    backplane: Backplane,
) -> None:
    job_id, (first, second) = begin(backplane, wanted())
    for thread in [run_beside(backplane, each) for each in (first, second)]:
        thread.join()
    result = ended(backplane, job_id)
    assert (result.objective, result.termination) == (578, "target")
    assert result.certificate.permutation == result.permutation
    states = [child.state for child in children(backplane, job_id)]
    assert "succeeded" in states
    assert set(states) <= {"succeeded", "cancelled"}
    log = log_of(backplane, job_id)
    assert_monotone(log)
    assert [event["type"] for event in log][:2] == ["job.queued", "job.started"]
    assert log[-1]["type"] == "job.succeeded"
    assert log[-1]["data"]["island"] == result.island
    best = [event["data"] for event in log if event["type"] == "job.incumbent"][-1]
    assert (best["objective"], best["island"]) == (578, result.island)
    assert best["method"] == "memetic"


def test_islands_that_have_not_started_are_dropped(backplane: Backplane) -> None:
    job_id, ids = begin(backplane, wanted(islands=4))
    run_attempt(backplane, ids[2])
    result = ended(backplane, job_id)
    assert (result.objective, result.island) == (578, 2)
    assert result.counts.model_dump(exclude_defaults=True) == {
        "total": 4,
        "succeeded": 1,
        "cancelled": 3,
    }
    assert [each.objective for each in result.islands] == [None, None, 578, None]


def test_what_a_lost_island_has_told_is_in_the_end(backplane: Backplane) -> None:
    request = wanted(limits=Limits(iterations=1))
    job_id, (first, second) = begin(backplane, request)
    told = {
        "attempt": 1,
        "method": "memetic",
        "objective": 578,
        "iterations": 9,
        "elapsed_s": 0.5,
        "island": 1,
        "permutation": optimum(),
    }
    with backplane.database.transaction() as connection:
        # It has left a checkpoint, and is to be rescued when the race ends.
        connection.execute(
            Job.__table__.update()
            .where(Job.id == second)
            .values(checkpoint=json.dumps({**told, "improvements": [(0.5, 578)]}))
        )
    run_attempt(backplane, first)
    result = ended(backplane, job_id)
    assert (result.objective, result.island) == (578, 1)
    assert result.termination == "iteration_limit"
    assert result.islands[1].objective == 578
    assert result.islands[1].state == "cancelled"
    assert_monotone(log_of(backplane, job_id))


def optimum() -> list[int]:
    result = qap.solve(
        NUG12,
        "memetic",
        stop=qap.TargetObjective(578),
        rng=np.random.default_rng(1),
    )
    return result.permutation.tolist()
