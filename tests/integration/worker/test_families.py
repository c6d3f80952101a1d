"""Jobs that are made of others: opened bit by bit, ended once, stopped as one."""

import json
import threading

import pytest
from redis import Redis

from db.acceptance import Webhook, accept
from db.backplane import Backplane
from db.contracts.catalogue import catalogue
from db.contracts.event import Counts
from db.contracts.identifier import new_id
from db.contracts.job_kind import SOLVES
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.kinds.batch import BatchRequest, BatchResult, Item
from db.contracts.kinds.benchmark import (
    BenchmarkRequest,
    BenchmarkResult,
    Contender,
    Report,
    Subject,
)
from db.contracts.kinds.solve import Limits, SolveRequest
from db.contracts.termination import Termination
from db.engine import Database
from db.reconciler import Reconciler
from db.repositories import deliveries, families, jobs
from db.settlement import settle
from tests import sample_jobs
from tests.one_worker import OneWorker
from tests.sample_jobs import row, set_row
from worker.coordination import lead_on
from worker.family import FamilyContext
from worker.jobs import batch as batch_handler

NUG12 = catalogue().instances["nug12"]
HOOK = Webhook("https://example.com/hook", "whsec_" + "A" * 32)


def solve(seed: int = 0, **changes: object) -> SolveRequest:
    """Return a solve of a few milliseconds."""
    wanted = {
        "instance": NUG12.sha256,
        "instance_name": "nug12",
        "order": 12,
        "method": "tabu_search",
        "seed": seed,
        "limits": Limits(iterations=50),
        "best_known": NUG12.best_known,
        **changes,
    }
    return SolveRequest.model_validate(wanted)


def batch(count: int = 5, *, fan_out: int = 64, **changes: object) -> BatchRequest:
    items = [Item(index=2 * n, request=solve(seed=n)) for n in range(count)]
    return BatchRequest.model_validate({"items": items, "fan_out": fan_out, **changes})


def begin(backplane: Backplane, request: BatchRequest | BenchmarkRequest) -> str:
    """Accept a family and send its message; return its id."""
    kind = KINDS["batch" if isinstance(request, BatchRequest) else "benchmark"]
    new = jobs.describe(kind, request, job_id=new_id("job"), caller="someone")
    with backplane.database.transaction() as connection:
        accepted = accept(connection, new, webhook=HOOK)
    backplane.log.publish(accepted.milestones)
    assert accepted.hint is not None
    backplane.broker.send_all([accepted.hint])
    return accepted.job.id


def children(backplane: Backplane, parent_id: str) -> list[families.ChildRow]:
    with backplane.database.reading() as connection:
        return list(families.all_ended_children(connection, parent_id))


def counts(backplane: Backplane, parent_id: str, total: int) -> Counts:
    with backplane.database.reading() as connection:
        return families.count_children(connection, parent_id, total=total)


def log(backplane: Backplane, job_id: str) -> list[str]:
    return [event.type.value for event in backplane.log.read(job_id).events]


def test_a_batch_ends_when_all_its_children_have(backplane: Backplane) -> None:
    parent = begin(backplane, batch(5))
    worker = OneWorker(backplane)
    worker.work()
    ended = row(backplane.database, parent)
    assert ended.state == JobState.SUCCEEDED
    result = BatchResult.model_validate_json(ended.result or "")
    assert result.counts == Counts(total=5, succeeded=5)
    assert result.termination is None
    assert [child.position for child in children(backplane, parent)] == [0, 2, 4, 6, 8]
    told = log(backplane, parent)
    assert told[:2] == ["job.queued", "job.started"]
    assert told[-1] == "batch.completed"
    assert told.count("batch.completed") == 1
    with backplane.database.reading() as connection:
        (owed,) = deliveries.deliveries_of(connection, parent)
    assert worker.deliveries == [owed.id]


def test_no_more_children_are_open_than_the_fan_out_allows(
    sqlite_backplane: Backplane,
) -> None:
    parent = begin(sqlite_backplane, batch(7, fan_out=2))
    worker = OneWorker(sqlite_backplane)
    while worker.step():
        seen = counts(sqlite_backplane, parent, 7)
        assert seen.queued + seen.running <= 2
    assert counts(sqlite_backplane, parent, 7).succeeded == 7


def test_a_fan_out_of_one_runs_them_in_order(sqlite_backplane: Backplane) -> None:
    parent = begin(sqlite_backplane, batch(6, fan_out=1))
    OneWorker(sqlite_backplane).work()
    ended = children(sqlite_backplane, parent)
    starts = [child.started_at or 0.0 for child in ended]
    ends = [child.finished_at or 0.0 for child in ended]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_more_children_than_fit_into_one_step_are_made(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.coordination.PAGE", 3)
    monkeypatch.setattr("worker.coordination.MAX_OPENED", 2)
    parent = begin(sqlite_backplane, batch(10))
    OneWorker(sqlite_backplane).work()
    assert counts(sqlite_backplane, parent, 10).succeeded == 10
    assert row(sqlite_backplane.database, parent).state == JobState.SUCCEEDED


def test_a_cancelled_batch_stops_all_and_keeps_what_has_ended(
    backplane: Backplane,
) -> None:
    parent = begin(backplane, batch(8, fan_out=3))
    worker = OneWorker(backplane)
    worker.work(until=lambda: counts(backplane, parent, 8).succeeded == 2)
    with backplane.database.transaction() as connection:
        assert jobs.request_cancel(connection, parent) is None
    lead_on(backplane, parent)
    ended = row(backplane.database, parent)
    assert ended.state == JobState.CANCELLED
    result = BatchResult.model_validate_json(ended.result or "")
    assert result.termination is Termination.CANCELLED
    assert result.counts == Counts(total=8, succeeded=2, cancelled=6)
    assert log(backplane, parent)[-1] == "job.cancelled"
    for child in children(backplane, parent):
        assert len([t for t in log(backplane, child.id) if t == "job.cancelled"]) == (
            child.state is JobState.CANCELLED
        )


def test_a_batch_with_a_running_child_ends_when_that_has_stopped(
    sqlite_backplane: Backplane,
) -> None:
    parent = begin(sqlite_backplane, batch(3))
    OneWorker(sqlite_backplane).step()
    with sqlite_backplane.database.reading() as connection:
        job_id, _ = families.open_children(connection, parent)[0]
    claimed = sample_jobs.claim(sqlite_backplane.database, job_id)
    with sqlite_backplane.database.transaction() as connection:
        jobs.request_cancel(connection, parent)
    lead_on(sqlite_backplane, parent)
    assert row(sqlite_backplane.database, parent).state == JobState.RUNNING
    assert row(sqlite_backplane.database, job_id).cancel_requested_at is not None
    assert sqlite_backplane.stream.is_cancel_requested(job_id)
    sample_jobs.finish(
        sqlite_backplane.database, claimed, JobState.CANCELLED, result=None
    )
    lead_on(sqlite_backplane, parent)
    assert row(sqlite_backplane.database, parent).state == JobState.CANCELLED


def test_an_end_that_leaves_others_to_end_takes_no_turn_at_the_writer(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = begin(sqlite_backplane, batch(3))
    worker = OneWorker(sqlite_backplane)
    worker.work(until=lambda: counts(sqlite_backplane, parent, 3).succeeded == 1)
    (ended,) = [
        child.id
        for child in children(sqlite_backplane, parent)
        if child.state is JobState.SUCCEEDED
    ]

    def refuse(_: Database) -> None:
        raise AssertionError("nothing is to be written")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Database, "transaction", refuse)
        settle(sqlite_backplane, ended)
        lead_on(sqlite_backplane, parent)
    worker.work()
    assert row(sqlite_backplane.database, parent).state == JobState.SUCCEEDED


def test_at_its_deadline_a_batch_stops_and_tells_what_it_has(
    sqlite_backplane: Backplane,
) -> None:
    parent = begin(sqlite_backplane, batch(4, fan_out=1, deadline_s=60.0))
    worker = OneWorker(sqlite_backplane)
    worker.work(until=lambda: counts(sqlite_backplane, parent, 4).succeeded == 1)
    sample_jobs.make_due(sqlite_backplane.database, parent)
    lead_on(sqlite_backplane, parent)
    ended = row(sqlite_backplane.database, parent)
    assert ended.state == JobState.SUCCEEDED
    result = BatchResult.model_validate_json(ended.result or "")
    assert result.termination is Termination.DEADLINE
    assert result.counts == Counts(total=4, succeeded=1, cancelled=3)


def test_a_failed_child_fails_alone(sqlite_backplane: Backplane) -> None:
    items = [
        Item(index=0, request=solve()),
        Item(index=1, request=solve(instance="0" * 64, instance_name=None)),
    ]
    parent = begin(sqlite_backplane, BatchRequest(items=items))
    OneWorker(sqlite_backplane).work()
    assert row(sqlite_backplane.database, parent).state == JobState.SUCCEEDED
    seen = counts(sqlite_backplane, parent, 2)
    assert (seen.succeeded, seen.failed) == (1, 1)


def test_the_reconciler_leads_on_what_was_forgotten(
    backplane: Backplane, redis: Redis
) -> None:
    parent = begin(backplane, batch(6, fan_out=2))
    OneWorker(backplane).work(until=lambda: counts(backplane, parent, 6).succeeded == 2)
    redis.flushall()
    reconciler = Reconciler(backplane)
    while row(backplane.database, parent).state != JobState.SUCCEEDED:
        redis.delete(*redis.keys("solvequeue:turn:*") or ["nothing"])
        set_waiting_long(backplane, parent)
        reconciler.reconcile_all()
        OneWorker(backplane).work()
    assert counts(backplane, parent, 6).succeeded == 6
    told = log(backplane, parent)
    assert (told[0], told[-1]) == ("job.queued", "batch.completed")


def set_waiting_long(backplane: Backplane, parent: str) -> None:
    with backplane.database.reading() as connection:
        waiting = families.open_children(connection, parent)
    for job_id, _ in waiting:
        set_row(backplane.database, job_id, available_at=1.0)


def test_many_may_lead_on_at_once_and_one_ends_it(backplane: Backplane) -> None:
    parent = begin(backplane, batch(4))
    worker = OneWorker(backplane)
    worker.work(until=lambda: counts(backplane, parent, 4).succeeded == 3)
    with backplane.database.reading() as connection:
        ((job_id, _),) = families.open_children(connection, parent)
    claimed = sample_jobs.claim(backplane.database, job_id)
    sample_jobs.finish(backplane.database, claimed, JobState.FAILED, result=None)
    threads = [
        threading.Thread(target=lead_on, args=(backplane, parent)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row(backplane.database, parent).state == JobState.SUCCEEDED
    assert sample_jobs.types(backplane.database, parent).count("batch.completed") == 1
    with backplane.database.reading() as connection:
        assert len(deliveries.deliveries_of(connection, parent)) == 1


def test_children_share_results_of_equal_work_done_before(
    sqlite_backplane: Backplane,
) -> None:
    first = begin(sqlite_backplane, batch(3))
    OneWorker(sqlite_backplane).work()
    second = begin(sqlite_backplane, batch(5))
    OneWorker(sqlite_backplane).work()
    done = {child.position: child for child in children(sqlite_backplane, first)}
    again = {child.position: child for child in children(sqlite_backplane, second)}
    assert [again[n].cached_from for n in (0, 2, 4)] == [done[n].id for n in (0, 2, 4)]
    assert [again[n].cached_from for n in (6, 8)] == [None, None]
    result = BatchResult.model_validate_json(
        row(sqlite_backplane.database, second).result or ""
    )
    assert result.cached == 3
    use = sqlite_backplane.cache.use([SOLVES])[SOLVES]
    assert (use.hits, use.misses) == (3, 5)


def test_a_family_whose_results_cannot_be_put_together_fails_once(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: BatchRequest, family: FamilyContext) -> BatchResult:
        raise ZeroDivisionError

    monkeypatch.setattr(batch_handler, "summarise", broken)
    monkeypatch.setattr("worker.coordination.load_function", lambda _: broken)
    parent = begin(sqlite_backplane, batch(1))
    OneWorker(sqlite_backplane).work()
    ended = row(sqlite_backplane.database, parent)
    assert (ended.state, json.loads(ended.error or "{}")["code"]) == (
        JobState.FAILED,
        "internal",
    )


def benchmark(**changes: object) -> BenchmarkRequest:
    wanted = {
        "instances": [
            Subject(sha256=NUG12.sha256, name="nug12", order=12, best_known=578)
        ],
        "contenders": [
            Contender(label="strong", method="memetic"),
            Contender(label="weak", method="simulated_annealing"),
        ],
        "seeds": [1, 2, 3],
        "limits": Limits(iterations=200),
        **changes,
    }
    return BenchmarkRequest.model_validate(wanted)


def test_a_benchmark_reports_on_every_run(backplane: Backplane) -> None:
    parent = begin(backplane, benchmark())
    OneWorker(backplane).work()
    ended = row(backplane.database, parent)
    result = BenchmarkResult.model_validate_json(ended.result or "")
    assert log(backplane, parent)[-1] == "benchmark.completed"
    assert result.counts == Counts(total=6, succeeded=6)
    assert [(c.instance, c.contender, c.runs) for c in result.report.cells] == [
        ("nug12", "strong", 3),
        ("nug12", "weak", 3),
    ]
    found = {(child.position % 2): [] for child in children(backplane, parent)}
    for child in children(backplane, parent):
        found[child.position % 2].append(json.loads(child.result or "")["objective"])
    for cell, objectives in zip(result.report.cells, found.values(), strict=True):
        assert cell.best_objective == min(objectives)
        assert cell.worst_objective == max(objectives)
        assert cell.best_gap == pytest.approx(min(objectives) / 578 - 1)
        hits = [objective <= 578 for objective in objectives]
        assert cell.success_rate == pytest.approx(sum(hits) / 3)
        assert [time is not None for time in cell.times_to_target_s] == hits
    (compared,) = result.report.comparisons
    assert (compared.first, compared.second) == ("strong", "weak")


def test_while_a_benchmark_runs_its_report_tells_what_there_is(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    parent = begin(sqlite_backplane, benchmark())
    worker = OneWorker(sqlite_backplane)
    worker.work(until=lambda: counts(sqlite_backplane, parent, 6).succeeded == 3)
    redis.delete(f"solvequeue:turn:report:{parent}")
    lead_on(sqlite_backplane, parent)
    running = row(sqlite_backplane.database, parent)
    assert running.state == JobState.RUNNING
    report = Report.model_validate_json(running.checkpoint or "")
    assert sum(cell.runs for cell in report.cells) == 3
    assert report.counts.succeeded == 3


def test_runs_of_a_benchmark_are_never_answered_from_the_cache(
    sqlite_backplane: Backplane,
) -> None:
    begin(sqlite_backplane, benchmark())
    OneWorker(sqlite_backplane).work()
    second = begin(sqlite_backplane, benchmark())
    OneWorker(sqlite_backplane).work()
    assert {child.cached_from for child in children(sqlite_backplane, second)} == {None}


def test_settling_a_job_that_has_not_ended_does_nothing(
    sqlite_backplane: Backplane,
) -> None:
    parent = begin(sqlite_backplane, batch(1))
    settle(sqlite_backplane, parent)
    assert row(sqlite_backplane.database, parent).state == JobState.QUEUED
