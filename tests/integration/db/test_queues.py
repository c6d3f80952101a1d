"""How queues stand, and how well it was foretold when jobs would start."""

import pytest

from db.contracts.job_state import JobState
from db.engine import Database
from db.repositories import queues
from db.repositories.queues import Pace
from tests.integration.db.test_turns import QUEUE, submit, take
from tests.sample_jobs import row, set_row


def ended(database: Database, *, at: float, ran: float, **values: object) -> str:
    """Record a job that ran so long and ended so many seconds ago."""
    job_id = submit(database, "a")
    now = row(database, job_id).created_at
    set_row(
        database,
        job_id,
        state=JobState.SUCCEEDED.value,
        started_at=now - at - ran,
        finished_at=now - at,
        **values,
    )
    return job_id


def pace(database: Database) -> Pace | None:
    with database.reading() as connection:
        return queues.pace_of(connection, QUEUE)


def place(database: Database, job_id: str) -> int:
    with database.reading() as connection:
        return queues.place_of(connection, row(database, job_id))


def test_a_queue_without_a_past_has_no_pace(database: Database) -> None:
    submit(database, "a")
    ended(database, at=4000.0, ran=1.0)
    assert pace(database) is None


def test_the_pace_is_that_of_the_jobs_that_ended_lately(database: Database) -> None:
    for k in range(4):
        ended(database, at=10.0 * k, ran=2.0 + 2.0 * (k % 2))
    found = pace(database)
    assert found is not None
    assert found.run_s == pytest.approx(3.0)
    assert found.spread_s == pytest.approx(1.0)
    assert found.slots == 1


def test_slots_are_as_many_as_ran_beside_each_other(database: Database) -> None:
    for _ in range(3):
        ended(database, at=1.0, ran=5.0)
    ended(database, at=60.0, ran=5.0)
    found = pace(database)
    assert found is not None
    assert found.slots == 3


def test_a_wait_grows_with_what_is_ahead_and_shrinks_with_slots() -> None:
    low, high = Pace(run_s=2.0, spread_s=0.0, slots=1).wait(10)
    assert low == pytest.approx(18.0)
    assert high == pytest.approx(23.0)
    assert Pace(2.0, 0.0, 4).wait(10)[1] < high
    assert Pace(2.0, 1.0, 1).wait(10)[1] > high


def test_a_place_counts_turns_of_callers(database: Database) -> None:
    many = [submit(database, "a") for _ in range(6)]
    few = [submit(database, "b") for _ in range(2)]
    for sent_at, job_id in enumerate([*many, *few]):
        # The clock of SQLite may tell the same time twice.
        set_row(database, job_id, order_at=float(sent_at))
    assert [place(database, job_id) for job_id in few] == [1, 3]
    assert [place(database, job_id) for job_id in many] == [1, 3, 4, 5, 6, 7]


def test_a_queue_tells_what_waits_and_runs(database: Database) -> None:
    for _ in range(3):
        submit(database, "a")
    submit(database, "a", held=True)
    taken = take(database)
    assert taken is not None
    with database.reading() as connection:
        standing = queues.standing_of(connection, QUEUE)
    assert (standing.waiting, standing.running) == (2, 1)
    assert 0 <= standing.oldest_age_s < 60


def test_what_was_foretold_is_scored(database: Database) -> None:
    for low, high in ((-5.0, 5.0), (1.0, 3.0), (-9.0, -7.0)):
        job_id = ended(database, at=0.0, ran=0.0)
        started = row(database, job_id).started_at
        assert started is not None
        set_row(database, job_id, eta_low_at=started + low, eta_high_at=started + high)
    ended(database, at=0.0, ran=0.0)
    with database.reading() as connection:
        told = queues.foretelling_of(connection, QUEUE)
    assert told.scored == 3
    assert told.inside == pytest.approx(1 / 3)
    assert told.error_s == pytest.approx(2.0)
