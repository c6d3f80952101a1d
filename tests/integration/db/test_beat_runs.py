"""Runs of what beat starts: on time, late, skipped, out of turn, and all at once."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from db.contracts.beat_run import HOUR_SECONDS, hour_of
from db.engine import Database, now
from db.models import BeatHour, BeatRun, BeatStanding
from db.repositories import beat_runs
from db.repositories.beat_runs import Ended

NAME = "tick"
LATEST = 5


def clock(database: Database) -> float:
    with database.reading() as connection:
        moment: float = connection.execute(select(now())).scalar_one()
    return moment


def record(
    database: Database,
    sent_at: float | None,
    *,
    every: float = 10.0,
    duration: float = 0.0,
    error: str | None = None,
) -> BeatRun:
    ended = Ended(
        name=NAME,
        every_seconds=every,
        sent_at=sent_at,
        duration_seconds=duration,
        error_type=error,
        error=error,
    )
    with database.transaction() as connection:
        return beat_runs.record(connection, ended, latest=LATEST)


def standing(database: Database) -> BeatStanding:
    with database.reading() as connection:
        return beat_runs.standings(connection)[NAME]


def runs(database: Database) -> Sequence[BeatRun]:
    with database.reading() as connection:
        return beat_runs.list_runs(connection, NAME, before=None, limit=100)


def by_hour(database: Database, field: str) -> dict[int, Any]:
    with database.reading() as connection:
        found = beat_runs.counts_since(connection, 0.0, step_seconds=HOUR_SECONDS)
    return {each.begins_at: getattr(each, field) for each in found}


def test_a_run_is_late_by_what_beat_and_the_queue_made_it_wait(
    database: Database,
) -> None:
    at = clock(database)
    record(database, at - 100.0, every=100.0)
    on_time = record(database, at, every=100.0)
    assert on_time.on_time
    assert on_time.expected_at == pytest.approx(at)
    assert 0 <= on_time.delay_s < 10
    # Sent two periods after the one before, as it should be, but taken much later.
    late = record(database, at + 100.0, every=100.0, duration=-150.0)
    assert late.on_time is False
    assert late.delay_s == pytest.approx(50.0, abs=5.0)
    assert late.is_noted
    found = standing(database)
    assert (found.on_time, found.late, found.skipped, found.records) == (1, 2, 0, 3)
    assert found.delay_s == late.delay_s


def test_moments_that_nobody_ran_are_skips_in_their_own_hours(
    database: Database,
) -> None:
    at = clock(database)
    record(database, at - 3 * HOUR_SECONDS, every=1800.0)
    found = record(database, at, every=1800.0)
    assert found.skipped == 5
    assert found.is_noted
    assert standing(database).skipped == 5
    skipped = by_hour(database, "skipped")
    assert sum(skipped.values()) == 5
    assert skipped[hour_of(at - 1.5 * HOUR_SECONDS)] >= 1


def test_who_was_overtaken_takes_back_the_skip(database: Database) -> None:
    at = clock(database)
    record(database, at - 30.0)
    overtaking = record(database, at)
    assert (overtaking.skipped, standing(database).skipped) == (2, 2)
    overtaken = record(database, at - 10.0)
    assert not overtaken.skipped
    assert overtaken.expected_at == pytest.approx(at - 10.0)
    assert standing(database).skipped == 1
    assert sum(by_hour(database, "skipped").values()) == 1
    assert next(run.skipped for run in runs(database) if run.number == 2) == 1
    # The order goes on from the latest that was sent.
    assert record(database, at + 10.0).skipped == 0


def test_a_second_beat_makes_extra_runs_and_nothing_else(database: Database) -> None:
    at = clock(database)
    for sent_at in (at - 20.0, at - 15.0, at - 10.0, at - 5.0, at):
        record(database, sent_at)
    found = standing(database)
    assert (found.records, found.extra, found.skipped) == (5, 2, 0)
    assert found.on_time + found.late == 3


def test_a_triggered_run_moves_no_moment(database: Database) -> None:
    at = clock(database)
    record(database, at - 10.0)
    triggered = record(database, None)
    assert (triggered.cause, triggered.on_time, triggered.expected_at) == (
        "trigger",
        None,
        None,
    )
    assert record(database, at).skipped == 0
    found = standing(database)
    assert (found.triggered, found.records, found.on_time + found.late) == (1, 3, 2)


def test_a_failure_is_told_with_its_type(database: Database) -> None:
    failed = record(database, clock(database), error="BrokenPipeError")
    assert (failed.outcome, failed.error_type) == ("failed", "BrokenPipeError")
    assert standing(database).failed == 1
    assert sum(by_hour(database, "failed").values()) == 1


def test_a_clock_that_was_put_back_begins_anew(database: Database) -> None:
    at = clock(database)
    record(database, at + 1000.0)
    record(database, at)
    assert record(database, at + 10.0).skipped == 0
    assert standing(database).extra == 0


def test_the_latest_are_kept_and_those_with_something_to_tell(
    database: Database,
) -> None:
    at = clock(database) - 1000.0
    record(database, at, error="OSError")
    for number in range(1, 20):
        # On time: it ended long ago, as the record sees it.
        ended = clock(database) - (at + number * 10.0)
        record(database, at + number * 10.0, duration=ended)
    kept = [run.number for run in runs(database)]
    assert kept == [20, 19, 18, 17, 16, 1]


def test_what_is_old_or_too_much_is_forgotten(database: Database) -> None:
    at = clock(database)
    for number in range(8):
        record(database, at + number * 10.0, error="OSError")
    with database.transaction() as connection:
        connection.execute(
            update(BeatRun).where(BeatRun.number == 1).values(started_at=1.0)
        )
        old = dict.fromkeys(BeatHour.__table__.columns.keys(), 0)
        connection.execute(insert(BeatHour).values(old | {"name": NAME, "hour": 7200}))
        gone = beat_runs.forget(connection, older_than_seconds=3600.0, noted=4)
    assert gone == 4
    assert [run.number for run in runs(database)] == [8, 7, 6, 5]
    assert 7200 not in by_hour(database, "runs")


def test_couriers_that_end_at_once_lose_no_run(database: Database) -> None:
    at, couriers, each = clock(database), 4, 10
    start = threading.Barrier(couriers)

    def work(first: int) -> None:
        start.wait()
        for number in range(first, couriers * each, couriers):
            record(database, at + number * 10.0)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(couriers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = standing(database)
    assert found.records == couriers * each
    assert found.sent_at == pytest.approx(at + (couriers * each - 1) * 10.0)
    assert sum(by_hour(database, "runs").values()) == couriers * each
