"""What is due is started, told, and never twice."""

import json
import threading

import pytest
from redis import Redis

from db import scheduling
from db.backplane import Backplane
from db.contracts.errors import DatabaseUnavailableError
from db.contracts.job_state import JobState
from db.contracts.schedule import Overlap
from db.embedded_valkey import EmbeddedValkey
from schedules import dispatch as module
from schedules.dispatch import dispatch
from tests import sample_jobs
from tests.conftest import OpenBackplane
from tests.sample_jobs import claim, finish
from tests.sample_schedules import add, make_due, outcomes, row, runs


def last_job(backplane: Backplane, schedule_id: str) -> str:
    job_id = runs(backplane.database, schedule_id)[-1].job_id
    assert job_id is not None
    return job_id


def hinted(redis: Redis) -> list[str]:
    """Return the jobs of which workers are told."""
    messages = redis.lrange("interactive", 0, -1)
    return [json.loads(message)["headers"]["id"] for message in messages]


def test_what_is_due_is_started_and_told(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    due = add(sqlite_backplane.database)
    make_due(sqlite_backplane.database, due.id)
    later = add(sqlite_backplane.database)
    dispatch(sqlite_backplane)
    job_id = last_job(sqlite_backplane, due.id)
    assert hinted(redis) == [job_id]
    page = sqlite_backplane.log.read(job_id)
    assert [event.type for event in page.events] == ["job.queued"]
    assert runs(sqlite_backplane.database, later.id) == []


def test_two_beats_and_any_number_of_ticks_make_one_run(
    backplane: Backplane,
    open_backplane: OpenBackplane,
    database_url: str,
    valkey: EmbeddedValkey,
    redis: Redis,
) -> None:
    ids = [add(backplane.database).id for _ in range(20)]
    for each in ids:
        make_due(backplane.database, each)
    others = [
        open_backplane(database_url=database_url, redis_url=valkey.redis_url)
        for _ in range(3)
    ]
    together = threading.Barrier(4)

    def tick(own: Backplane) -> None:
        together.wait(30)
        dispatch(own)

    threads = [
        threading.Thread(target=tick, args=(own,)) for own in (backplane, *others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in ids:
        assert [run.outcome for run in runs(backplane.database, each)] == ["started"]
    assert sorted(hinted(redis)) == sorted(last_job(backplane, each) for each in ids)


def test_more_than_a_batch_is_dealt_with_in_one_tick(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    ids = [add(sqlite_backplane.database).id for _ in range(5)]
    for each in ids:
        make_due(sqlite_backplane.database, each)
    dispatch(sqlite_backplane)
    assert all(len(runs(sqlite_backplane.database, each)) == 1 for each in ids)


def test_every_time_that_is_not_late_gets_its_job(sqlite_backplane: Backplane) -> None:
    schedule = add(sqlite_backplane.database, every_s=1)
    due_at = make_due(sqlite_backplane.database, schedule.id, seconds_ago=2)
    dispatch(sqlite_backplane)
    told = [run.due_at for run in runs(sqlite_backplane.database, schedule.id)]
    assert told[:3] == [due_at, due_at + 1, due_at + 2]


def test_what_waited_starts_when_the_job_before_it_has_ended(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    database = sqlite_backplane.database
    schedule = add(database, overlap=Overlap.QUEUE_ONE.value)
    make_due(database, schedule.id, seconds_ago=2)
    dispatch(sqlite_backplane)
    first = last_job(sqlite_backplane, schedule.id)
    make_due(database, schedule.id, seconds_ago=1)
    dispatch(sqlite_backplane)
    dispatch(sqlite_backplane)
    assert [outcome for outcome, _ in outcomes(database, schedule.id)] == [
        "started",
        "waiting",
    ]
    finish(database, claim(database, first))
    dispatch(sqlite_backplane)
    second = last_job(sqlite_backplane, schedule.id)
    assert second != first
    assert sorted(hinted(redis)) == sorted([first, second])


def test_what_is_replaced_hears_of_it(sqlite_backplane: Backplane) -> None:
    database = sqlite_backplane.database
    schedule = add(database, overlap=Overlap.REPLACE.value)
    make_due(database, schedule.id, seconds_ago=2)
    dispatch(sqlite_backplane)
    first = last_job(sqlite_backplane, schedule.id)
    make_due(database, schedule.id, seconds_ago=1)
    dispatch(sqlite_backplane)
    assert sample_jobs.row(database, first).state == JobState.CANCELLED
    page = sqlite_backplane.log.read(first)
    assert [event.type for event in page.events] == ["job.queued", "job.cancelled"]
    running = last_job(sqlite_backplane, schedule.id)
    claim(database, running)
    make_due(database, schedule.id)
    dispatch(sqlite_backplane)
    assert sqlite_backplane.stream.is_cancel_requested(running)


def test_what_could_not_be_told_is_recorded_all_the_same(
    open_backplane: OpenBackplane, sqlite_url: str, tmp_path: object
) -> None:
    alone = open_backplane(
        database_url=sqlite_url, redis_url=f"unix://{tmp_path}/nothing.sock"
    )
    schedule = add(alone.database)
    make_due(alone.database, schedule.id)
    dispatch(alone)
    job_id = last_job(alone, schedule.id)
    assert sample_jobs.row(alone.database, job_id).state == JobState.QUEUED


def test_a_schedule_that_fails_stands_in_no_ones_way(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sqlite_backplane.database
    faulty, sound = add(database), add(database)
    make_due(database, faulty.id, seconds_ago=3)
    make_due(database, sound.id)
    take_step = scheduling.take_step

    def fail(
        connection: object, schedule_id: str, due_at: float, **told: object
    ) -> object:
        if schedule_id == faulty.id:
            raise RuntimeError("a fault of ours")
        return take_step(connection, schedule_id, due_at, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(scheduling, "take_step", fail)
    dispatch(sqlite_backplane)
    assert len(runs(database, sound.id)) == 1
    assert row(database, faulty.id).next_at is not None
    monkeypatch.undo()
    dispatch(sqlite_backplane)
    assert len(runs(database, faulty.id)) == 1


def test_a_tick_without_a_database_ends_at_once(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailableError

    schedule = add(sqlite_backplane.database)
    make_due(sqlite_backplane.database, schedule.id)
    monkeypatch.setattr(scheduling, "take_step", away)
    with pytest.raises(DatabaseUnavailableError):
        dispatch(sqlite_backplane)
