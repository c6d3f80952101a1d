"""A solve by several children: what they share, how the race ends, what is kept."""

import json
import threading
from itertools import pairwise
from typing import Any

import numpy as np

from db.acceptance import accept
from db.backplane import Backplane
from db.contracts.event import EventType, Progress
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds.islands import ISLANDS, IslandsRequest, IslandsResult
from db.contracts.kinds.solve import Limits, SolveRequest, SolveResult
from db.embedded_valkey import EmbeddedValkey
from db.models import Job
from db.reconciler import Reconciler
from db.repositories import families, jobs
from db.repositories.jobs import JobFilter
from tests.conftest import OpenBackplane
from tests.sample_jobs import claim, make_due, row, set_row
from tests.waiting import wait_until
from worker import qap
from worker.attempt import run_attempt
from worker.coordination import lead_on
from worker.qap import qaplib
from worker.team import Team

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
    # It has left a checkpoint, and is to be rescued when the race ends.
    left = json.dumps({**told, "improvements": [(0.5, 578)]})
    set_row(backplane.database, second, checkpoint=left)
    run_attempt(backplane, first)
    result = ended(backplane, job_id)
    assert (result.objective, result.island) == (578, 1)
    assert result.termination == "iteration_limit"
    assert result.islands[1].objective == 578
    assert result.islands[1].state == "cancelled"
    assert_monotone(log_of(backplane, job_id))


def test_an_island_that_is_stopped_keeps_what_it_holds(backplane: Backplane) -> None:
    """The one that runs on is told to stop, and no message is needed for the end."""
    request = wanted(name="tai60a", order=60, limits=Limits(time_s=600))
    job_id, (first, second) = begin(backplane, request)
    runner = run_beside(backplane, first)
    wait_until(lambda: _has_told(backplane, first))
    set_row(
        backplane.database,
        second,
        request=request.island(1)
        .model_copy(update={"limits": Limits(iterations=1)})
        .model_dump_json(),
    )
    run_attempt(backplane, second)
    runner.join()
    result = ended(backplane, job_id)
    stopped = row(backplane.database, first)
    assert stopped.state == JobState.CANCELLED
    assert stopped.result is not None
    kept = SolveResult.model_validate_json(stopped.result)
    assert (kept.termination, result.termination) == ("cancelled", "iteration_limit")
    assert result.objective == kept.objective
    assert result.islands[0].termination == "cancelled"
    assert_monotone(log_of(backplane, job_id))


def _has_told(backplane: Backplane, job_id: str) -> bool:
    return backplane.stream.incumbent(job_id) is not None


def test_what_one_has_found_another_goes_on_from(backplane: Backplane) -> None:
    """Also when who found it is no more: the log has it, and tells who it was."""
    request = wanted(limits=Limits(time_s=60, target_objective=578))
    job_id, (first, second) = begin(backplane, request)
    told = Progress(
        attempt=1,
        method="memetic",
        objective=578,
        iterations=9,
        elapsed_s=0.5,
        permutation=optimum(),
        island=0,
    )
    Team(backplane, job_id).tell([(EventType.JOB_INCUMBENT, told)])
    run_attempt(backplane, second)
    result = ended(backplane, job_id)
    assert (result.objective, result.island, result.termination) == (578, 0, "target")
    child = SolveResult.model_validate_json(row(backplane.database, second).result)
    assert (child.objective, child.island) == (578, 0)
    own = [e for e in log_of(backplane, second) if e["type"] == "job.incumbent"]
    assert own[-1]["data"]["island"] == 0
    assert row(backplane.database, first).state == JobState.CANCELLED


def test_an_island_that_has_stalled_leaves_it_to_the_others(
    backplane: Backplane,
) -> None:
    # A single descent has nothing left to try after a moment.
    request = wanted(portfolio=("two_swap", "memetic"), method="portfolio")
    job_id, (first, second) = begin(backplane, request)
    set_row(backplane.database, first, request=_descent(request).model_dump_json())
    run_attempt(backplane, first)
    assert row(backplane.database, first).state == JobState.SUCCEEDED
    assert row(backplane.database, job_id).state == JobState.RUNNING
    run_attempt(backplane, second)
    result = ended(backplane, job_id)
    assert (result.termination, result.method) == ("target", "memetic")
    assert [each.termination for each in result.islands] == ["stalled", "target"]


def _descent(request: IslandsRequest) -> SolveRequest:
    limits = Limits(stall_s=0.001)
    return request.island(0).model_copy(update={"limits": limits})


def test_without_redis_each_goes_on_alone(
    open_backplane: OpenBackplane, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(
        database_url=sqlite_url,
        redis_url=own_valkey.redis_url,
        redis_timeout_seconds=0.2,
    )
    job_id, (first, second) = begin(backplane, wanted())
    own_valkey.stop()
    run_attempt(backplane, second)
    result = ended(backplane, job_id)
    assert (result.objective, result.island) == (578, 1)
    assert row(backplane.database, first).state == JobState.CANCELLED
    own_valkey.start()
    Reconciler(backplane).reconcile_all()
    assert log_of(backplane, job_id)[-1]["type"] == "job.succeeded"


def test_a_race_that_nobody_has_ended_is_led_on(backplane: Backplane) -> None:
    """The worker of the first to end died before it could tell the others."""
    job_id, (first, second) = begin(backplane, wanted())
    run_attempt_alone(backplane, first)
    claim(backplane.database, second)
    with backplane.database.reading() as connection:
        assert (job_id, "islands") in families.needing_a_lead(connection, limit=9)
    lead_on(backplane, job_id)
    assert row(backplane.database, second).cancel_requested_at is not None


def run_attempt_alone(backplane: Backplane, job_id: str) -> None:
    """Run a child whose parent hears nothing of its end."""
    parent = row(backplane.database, job_id).parent_id
    set_row(backplane.database, job_id, parent_id=None)
    run_attempt(backplane, job_id)
    set_row(backplane.database, job_id, parent_id=parent)


def test_one_that_is_cancelled_keeps_the_best(backplane: Backplane) -> None:
    job_id, (first, _) = begin(backplane, wanted())
    run_attempt_alone(backplane, first)
    with backplane.database.transaction() as connection:
        jobs.request_cancel(connection, job_id)
    lead_on(backplane, job_id)
    found = row(backplane.database, job_id)
    assert (found.state, found.result is not None) == (JobState.CANCELLED, True)
    assert found.certificate is not None
    assert log_of(backplane, job_id)[-1]["data"]["objective"] == 578


def test_one_that_is_cancelled_before_it_began_has_nothing(
    backplane: Backplane,
) -> None:
    job_id, _ = begin(backplane, wanted())
    with backplane.database.transaction() as connection:
        jobs.request_cancel(connection, job_id)
    lead_on(backplane, job_id)
    found = row(backplane.database, job_id)
    assert (found.state, found.result, found.error) == (
        JobState.CANCELLED,
        None,
        None,
    )


def test_where_the_deadline_comes_before_any_began_that_is_the_reason(
    backplane: Backplane,
) -> None:
    job_id, ids = begin(backplane, wanted(limits=Limits(deadline_s=600)))
    for each in ids:
        make_due(backplane.database, each)
    reconciler = Reconciler(backplane)
    reconciler.reconcile_all()
    lead_on(backplane, job_id)
    found = row(backplane.database, job_id)
    assert found.state == JobState.FAILED
    assert "the deadline came before" in (found.error or "")


def test_a_bound_that_only_the_log_has_is_in_the_end(backplane: Backplane) -> None:
    limits = Limits(time_s=60, target_objective=600)
    job_id, (first, _) = begin(backplane, wanted(limits=limits))
    told = Progress(
        attempt=1,
        method="memetic",
        objective=9_999,
        bound=577,
        bound_name="exact",
        iterations=9,
        elapsed_s=0.5,
        island=1,
    )
    Team(backplane, job_id).tell([(EventType.JOB_BOUND, told)])
    run_attempt(backplane, first)
    result = ended(backplane, job_id)
    assert (result.bound, result.bound_name) == (577, "exact")
    assert result.certificate.bound == 577
    assert result.gap_to_bound == (result.objective - 577) / result.objective
    assert_monotone(log_of(backplane, job_id))


def test_where_all_fail_it_fails_with_their_reason(backplane: Backplane) -> None:
    # No such instance is stored.
    job_id, ids = begin(backplane, wanted(name=None))
    for each in ids:
        run_attempt(backplane, each)
    found = row(backplane.database, job_id)
    assert found.state == JobState.FAILED
    error = json.loads(found.error or "")
    assert error["code"] == "nothing-found"
    assert error["message"].startswith("island 0, job_")


def optimum() -> list[int]:
    stop, rng = qap.TargetObjective(578), np.random.default_rng(1)
    return qap.solve(NUG12, "memetic", stop=stop, rng=rng).permutation.tolist()
