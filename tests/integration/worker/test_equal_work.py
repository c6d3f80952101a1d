"""Equal work is done once, and everyone who asked for it hears of it."""

import threading

import pytest
from redis import Redis

from db.acceptance import Accepted, accept
from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.identifier import new_id
from db.contracts.job_kind import SOLVES
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.kinds.solve import Limits, SolveResult, fingerprint
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler
from db.repositories import deliveries, equal_work, jobs
from db.settlement import settle
from tests import sample_jobs
from tests.conftest import OpenBackplane
from tests.integration.worker.test_families import HOOK, solve
from tests.one_worker import OneWorker
from tests.sample_jobs import CHECKPOINT, row, set_row
from worker import qap
from worker.qap import qaplib


def submit(backplane: Backplane, *, hook: bool = True, **changes: object) -> Accepted:
    """Accept a solve as the API does, and send its message."""
    request = solve(**changes)  # type: ignore[arg-type]
    new = jobs.describe(KINDS["solve"], request, job_id=new_id("job"))
    done_by = new.fingerprint and backplane.cache.find(new.fingerprint, SOLVES)
    with backplane.database.transaction() as connection:
        accepted = accept(
            connection, new, webhook=HOOK if hook else None, done_by=done_by
        )
    backplane.log.publish(accepted.milestones)
    if accepted.hint is not None:
        backplane.broker.send_all([accepted.hint])
    return accepted


def state(backplane: Backplane, job_id: str) -> str:
    return row(backplane.database, job_id).state


def test_fifty_who_ask_at_once_are_answered_by_one_run(backplane: Backplane) -> None:
    accepted: list[Accepted] = []
    start = threading.Barrier(50)

    def ask() -> None:
        start.wait()
        accepted.append(submit(backplane))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [each.job.id for each in accepted]
    assert len(set(ids)) == 50
    leaders = [each for each in accepted if each.hint is not None]
    assert len(leaders) == 1
    OneWorker(backplane).work()
    rows = [row(backplane.database, job_id) for job_id in ids]
    assert {each.state for each in rows} == {JobState.SUCCEEDED}
    assert sorted(each.attempt for each in rows) == [0] * 49 + [1]
    assert len({each.result for each in rows}) == 1
    owed = set()
    for job_id in ids:
        told = sample_jobs.types(backplane.database, job_id)
        assert (told[0], told[-1]) == ("job.queued", "job.succeeded")
        assert told.count("job.succeeded") == 1
        with backplane.database.reading() as connection:
            (delivery,) = deliveries.deliveries_of(connection, job_id)
        owed.add(delivery.id)
    assert len(owed) == 50


def test_work_done_lately_is_answered_at_once(backplane: Backplane) -> None:
    first = submit(backplane)
    OneWorker(backplane).work()
    second = submit(backplane)
    assert second.job.state == JobState.SUCCEEDED
    assert second.job.cached_from == first.job.id
    assert [len(each.delivery_ids) for each in second.milestones] == [0, 1]
    assert second.hint is None
    told = backplane.log.read(second.job.id).events
    assert [event.type.value for event in told] == ["job.queued", "job.succeeded"]
    assert f'"cached_from":"{first.job.id}"' in told[-1].body
    result = SolveResult.model_validate_json(second.job.result or "")
    assert result.objective == result.certificate.objective
    use = backplane.cache.use([SOLVES])[SOLVES]
    assert (use.size, use.hits, use.misses, use.hit_rate) == (1, 1, 1, 0.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"method": "memetic"},
        {"limits": Limits(iterations=51)},
        {"start": list(range(12))},
        {"parameters": {"aspiration": 3.0}},
        {"cache": False},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_work_is_done_itself(
    sqlite_backplane: Backplane, changes: dict[str, object]
) -> None:
    submit(sqlite_backplane)
    other = submit(sqlite_backplane, **changes)
    assert other.hint is not None
    assert not other.job.held


def test_a_deadline_is_no_part_of_the_work() -> None:
    assert fingerprint(solve()) == fingerprint(
        solve(limits=Limits(iterations=50, deadline_s=7.0))
    )


def test_a_version_of_a_method_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(solve())
    methods = {"tabu_search": None}
    monkeypatch.setattr(
        "db.contracts.kinds.solve.catalogue",
        lambda: type("Catalogue", (), {"methods": methods}),
    )
    assert fingerprint(solve()) != before


def test_when_the_leader_is_cancelled_a_follower_goes_on(backplane: Backplane) -> None:
    leader, first, second = (submit(backplane) for _ in range(3))
    claimed = sample_jobs.claim(backplane.database, leader.job.id)
    set_row(backplane.database, leader.job.id, checkpoint=CHECKPOINT.model_dump_json())
    with backplane.database.transaction() as connection:
        jobs.request_cancel(connection, leader.job.id)
    sample_jobs.finish(backplane.database, claimed, JobState.CANCELLED, result=None)
    settle(backplane, leader.job.id)
    promoted, other = (row(backplane.database, a.job.id) for a in (first, second))
    assert (promoted.held, promoted.leads, promoted.follows) == (False, True, None)
    assert promoted.checkpoint == CHECKPOINT.model_dump_json()
    assert other.follows == promoted.id
    checkpoint = solved_so_far()
    set_row(backplane.database, promoted.id, checkpoint=checkpoint.model_dump_json())
    OneWorker(backplane).work()
    assert state(backplane, promoted.id) == JobState.SUCCEEDED
    assert row(backplane.database, other.id).cached_from == promoted.id
    ended = row(backplane.database, promoted.id)
    result = SolveResult.model_validate_json(ended.result or "")
    # What was used up counts, what was found stays, and nobody can repeat it.
    assert result.elapsed_s >= checkpoint.elapsed_s
    assert result.objective <= checkpoint.objective
    assert result.course_sha256 is None


def solved_so_far() -> Checkpoint:
    """Return where a solve of nug12 has got to."""
    nug12 = qaplib.load("nug12")
    permutation = list(range(12))
    return Checkpoint(
        objective=qap.certify(nug12.flow, nug12.distance, None, permutation),
        permutation=permutation,
        iterations=7,
        elapsed_s=0.5,
    )


def test_a_cancelled_leader_is_joined_by_nobody_new(backplane: Backplane) -> None:
    leader = submit(backplane)
    sample_jobs.claim(backplane.database, leader.job.id)
    follower = submit(backplane)
    with backplane.database.transaction() as connection:
        jobs.request_cancel(connection, leader.job.id)
    new = submit(backplane)
    assert new.hint is not None
    assert new.job.follows is None
    # The follower joins the new one, once its leader has stopped.
    set_row(backplane.database, leader.job.id, state=JobState.CANCELLED.value)
    settle(backplane, leader.job.id)
    assert row(backplane.database, follower.job.id).follows == new.job.id


def test_a_cancelled_follower_leaves_its_leader_alone(backplane: Backplane) -> None:
    leader, follower = submit(backplane), submit(backplane)
    with backplane.database.transaction() as connection:
        assert jobs.request_cancel(connection, follower.job.id) is not None
    OneWorker(backplane).work()
    assert state(backplane, follower.job.id) == JobState.CANCELLED
    assert state(backplane, leader.job.id) == JobState.SUCCEEDED


def test_what_fails_fails_for_all(backplane: Backplane) -> None:
    broken = {"instance": "0" * 64, "instance_name": None}
    leader, follower = submit(backplane, **broken), submit(backplane, **broken)
    OneWorker(backplane).work()
    ends = [row(backplane.database, a.job.id) for a in (leader, follower)]
    assert {end.state for end in ends} == {JobState.FAILED}
    assert ends[0].error == ends[1].error


def test_the_reconciler_settles_what_a_dead_worker_left(backplane: Backplane) -> None:
    leader, follower = submit(backplane), submit(backplane)
    claimed = sample_jobs.claim(backplane.database, leader.job.id)
    result = _result_of(backplane)
    sample_jobs.finish(backplane.database, claimed, result=result)
    assert state(backplane, follower.job.id) == JobState.QUEUED
    Reconciler(backplane).reconcile_all()
    assert row(backplane.database, follower.job.id).result == result
    with backplane.database.reading() as connection:
        assert equal_work.leaderless(connection, limit=9) == []


def _result_of(backplane: Backplane) -> str:
    other = submit(backplane, cache=False, hook=False)
    worker = OneWorker(backplane)
    worker.work(until=lambda: state(backplane, other.job.id) == JobState.SUCCEEDED)
    return row(backplane.database, other.job.id).result or ""


def test_without_redis_the_record_answers_and_with_it_redis_again(
    open_backplane: OpenBackplane, database_url: str, own_valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(
        database_url=database_url, redis_url=own_valkey.redis_url
    )
    first = submit(backplane)
    OneWorker(backplane).work()
    mark = first.job.fingerprint
    assert mark is not None
    own_valkey.stop()
    assert backplane.cache.find(mark, SOLVES) == first.job.id
    assert backplane.cache.use([SOLVES])[SOLVES].backend == "database"
    own_valkey.start()
    backplane.cache._away_until = 0.0
    # It was started empty: nothing to be found there, and what is put is kept.
    assert backplane.cache.find(mark, SOLVES) is None
    backplane.cache.put(mark, first.job.id, SOLVES)
    assert backplane.cache.find(mark, SOLVES) == first.job.id
    assert backplane.cache.use([SOLVES])[SOLVES].backend == "redis"


def test_the_cache_keeps_the_latest_used(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    cache = open_backplane(
        database_url=sqlite_url, redis_url=valkey.redis_url, cache_size=3
    ).cache
    for name in "abc":
        cache.put(name, f"job_{name}", SOLVES)
    assert cache.find("a", SOLVES) == "job_a"
    cache.put("d", "job_d", SOLVES)
    assert [cache.find(name, SOLVES) for name in "abcd"] == [
        "job_a",
        None,
        "job_c",
        "job_d",
    ]
    assert cache.use([SOLVES])[SOLVES].size == 3
    assert cache.clear([SOLVES]) == 3
    assert cache.find("a", SOLVES) is None


def test_results_are_told_for_as_long_as_is_set(
    open_backplane: OpenBackplane,
    sqlite_url: str,
    valkey: EmbeddedValkey,
    redis: Redis,
) -> None:
    known = {"database_url": sqlite_url, "redis_url": valkey.redis_url}
    cache = open_backplane(**known, cache_seconds=50.0).cache
    cache.put("a", "job_a", SOLVES)
    assert 0 < redis.pttl("solvequeue:result:a") <= 50_000
    never = open_backplane(**known, cache_seconds=0.0).cache
    never.put("b", "job_b", SOLVES)
    assert never.find("a", SOLVES) is None
    assert cache.find("b", SOLVES) is None
