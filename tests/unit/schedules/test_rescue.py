"""Beat's own audit does all that a process' reconciler does."""

from redis import Redis

from db.backplane import Backplane
from db.contracts.job_state import JobState
from schedules.rescue import rescue
from tests import sample_jobs
from tests.sample_jobs import claim_new, end_lease, row, submit, wait_long


def test_an_audit_finds_all_that_was_left_behind(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    unheard = submit(sqlite_backplane.database)
    wait_long(sqlite_backplane.database, unheard)
    lost = claim_new(sqlite_backplane.database).job_id
    end_lease(sqlite_backplane.database, lost)
    rescue(sqlite_backplane)
    rescue(sqlite_backplane)
    assert row(sqlite_backplane.database, lost).state == JobState.QUEUED
    assert sample_jobs.pending(sqlite_backplane) == {unheard, lost}
    assert redis.llen("interactive") == 2


def test_an_audit_needs_no_turn(sqlite_backplane: Backplane, redis: Redis) -> None:
    rescue(sqlite_backplane)
    unheard = submit(sqlite_backplane.database)
    wait_long(sqlite_backplane.database, unheard)
    rescue(sqlite_backplane)
    assert sample_jobs.pending(sqlite_backplane) == {unheard}
