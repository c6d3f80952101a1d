"""What has been kept long enough is let go, in small steps."""

import pytest
from sqlalchemy import update

from db import scheduling
from db.backplane import Backplane
from db.models import ScheduleRun
from db.repositories import jobs, logs
from schedules import retention
from tests import sample_schedules
from tests.conftest import OpenBackplane
from tests.sample_jobs import claim_new, finish, set_row, submit


@pytest.fixture
def backplane(open_backplane: OpenBackplane, sqlite_url: str) -> Backplane:
    # No server: what is let go is a matter of rows alone.
    return open_backplane(database_url=sqlite_url, retention_days=1.0)


def end(backplane: Backplane, *, days_ago: float) -> str:
    claimed = claim_new(backplane.database)
    finish(backplane.database, claimed)
    with backplane.database.transaction() as connection:
        moment = jobs.database_time(connection) - days_ago * 86_400.0
        log = logs.EndedLog(
            job_id=claimed.job_id, epoch="e", last_sequence=3, lines=b"lines"
        )
        logs.put_logs(connection, [log])
    set_row(backplane.database, claimed.job_id, finished_at=moment)
    return claimed.job_id


def left(backplane: Backplane) -> int:
    with backplane.database.reading() as connection:
        return sum(jobs.count_by_state(connection).values())


def test_only_what_is_old_is_let_go(backplane: Backplane) -> None:
    end(backplane, days_ago=1.1)
    kept = end(backplane, days_ago=0.9)
    waiting = submit(backplane.database)
    retention.forget_old_jobs(backplane)
    retention.forget_old_jobs(backplane)
    with backplane.database.reading() as connection:
        assert jobs.get_job(connection, kept)
        assert jobs.get_job(connection, waiting)
    assert left(backplane) == 2


def test_many_are_let_go_in_small_steps(
    backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        end(backplane, days_ago=2.0)
    retention.forget_old_jobs(backplane)
    assert left(backplane) == 0


def test_what_came_of_old_due_times_is_let_go_in_small_steps(
    backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    database = backplane.database
    schedule = sample_schedules.add(database)
    for ago in range(6, 0, -1):
        due_at = sample_schedules.make_due(database, schedule.id, seconds_ago=ago)
        with database.transaction() as connection:
            scheduling.take_step(connection, schedule.id, due_at)
    old = sample_schedules.moment(database) - 1.1 * 86_400.0
    with database.transaction() as connection:
        connection.execute(
            update(ScheduleRun).where(ScheduleRun.number <= 5).values(recorded_at=old)
        )
    retention.forget_old_runs(backplane)
    (kept,) = sample_schedules.runs(database, schedule.id)
    assert kept.number == 6
