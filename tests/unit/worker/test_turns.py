"""A message is one turn, and where the queue is behind it is more."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.contracts.job_kind import JobResult, Queue
from db.contracts.job_state import JobState
from db.contracts.termination import Termination
from db.repositories.jobs import database_time
from db.repositories.turns import enter_queue
from tests.sample_jobs import row, set_row, submit
from worker import attempt, shutdown, turns
from worker.turns import take_turns

JOBS = 5


class Ran:
    """Stands in for every handler and counts the jobs that it is given."""

    def __init__(self) -> None:
        self.count = 0
        self.then: Callable[[], object] = lambda: None

    def __call__(self, *_: object) -> JobResult:
        self.count += 1
        self.then()
        return JobResult(termination=Termination.OPTIMAL)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    handler = Ran()
    # However busy the machine is: what ends the turns is what each test says.
    monkeypatch.setattr(turns, "TURNS_SECONDS", 60.0)
    monkeypatch.setattr(attempt, "load_function", lambda _: handler)
    return handler


@pytest.fixture
def waiting(sqlite_backplane: Backplane) -> list[str]:
    """Return jobs that have waited for a second."""
    ids = [submit(sqlite_backplane.database) for _ in range(JOBS)]
    caller = row(sqlite_backplane.database, ids[0]).caller
    with sqlite_backplane.database.transaction() as connection:
        enter_queue(connection, Queue.INTERACTIVE, caller)
    for job_id in ids:
        set_waited(sqlite_backplane, job_id, 1.0)
    return ids


def set_waited(backplane: Backplane, job_id: str, seconds: float) -> None:
    with backplane.database.reading() as connection:
        now = database_time(connection)
    set_row(backplane.database, job_id, created_at=now - seconds)


def turn(backplane: Backplane, job_id: str = "any") -> None:
    take_turns(backplane, job_id, queue=Queue.INTERACTIVE)


def states(backplane: Backplane, ids: list[str]) -> list[str]:
    return [row(backplane.database, each).state for each in ids]


def test_where_jobs_wait_long_one_message_does_for_all(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    turn(sqlite_backplane)
    assert states(sqlite_backplane, waiting) == [JobState.SUCCEEDED] * JOBS
    assert ran.count == JOBS


def test_where_nobody_is_behind_a_message_is_one_job(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    for job_id in waiting:
        set_waited(sqlite_backplane, job_id, 0.0)
    turn(sqlite_backplane)
    assert ran.count == 1


def test_behind_a_child_others_are_expected_at_once(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    parent = submit(sqlite_backplane.database)
    for position, job_id in enumerate(waiting):
        set_waited(sqlite_backplane, job_id, 0.0)
        set_row(sqlite_backplane.database, job_id, parent_id=parent, position=position)
    turn(sqlite_backplane)
    assert states(sqlite_backplane, waiting) == [JobState.SUCCEEDED] * JOBS


def test_a_message_that_names_no_queue_is_for_its_job(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    take_turns(sqlite_backplane, waiting[2], queue=None)
    assert ran.count == 1
    assert row(sqlite_backplane.database, waiting[2]).state == JobState.SUCCEEDED


def test_after_its_time_the_next_message_is_looked_at(
    sqlite_backplane: Backplane,
    waiting: list[str],
    ran: Ran,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert waiting
    monkeypatch.setattr(turns, "TURNS_SECONDS", -1.0)
    turn(sqlite_backplane)
    assert ran.count == 1


def test_a_worker_that_goes_takes_no_further_turn(
    sqlite_backplane: Backplane,
    waiting: list[str],
    ran: Ran,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert waiting
    moments = [0.0, 0.5]
    monkeypatch.setattr(shutdown, "announced_for", lambda: moments.pop(0))
    turn(sqlite_backplane)
    assert ran.count == 2


def test_a_job_that_could_not_end_is_the_last(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    def fail() -> Any:
        raise UnavailableError("not now")

    ran.then = fail
    turn(sqlite_backplane)
    assert ran.count == 1
    assert states(sqlite_backplane, waiting) == [JobState.QUEUED] * JOBS


def test_the_next_job_is_claimed_as_the_one_before_is_ended(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    commits: list[object] = []
    event.listen(sqlite_backplane.database.engine, "commit", commits.append)
    turn(sqlite_backplane)
    assert ran.count == JOBS
    # The first claim, and one for each end.
    assert len(commits) == 1 + JOBS
    assert states(sqlite_backplane, waiting) == [JobState.SUCCEEDED] * JOBS


def test_an_attempt_that_lost_its_job_claims_no_other(
    sqlite_backplane: Backplane, waiting: list[str], ran: Ran
) -> None:
    def be_taken_over() -> None:
        set_row(sqlite_backplane.database, waiting[0], attempt=2)

    ran.then = be_taken_over
    turn(sqlite_backplane)
    assert ran.count == 1
    assert states(sqlite_backplane, waiting)[1:] == [JobState.QUEUED] * (JOBS - 1)
