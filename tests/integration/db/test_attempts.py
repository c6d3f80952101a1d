"""A job's way through its attempts: each write is a compare-and-set."""

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import InternalError, LeaseLostError
from db.contracts.event import EventType, JobEnded
from db.contracts.job_state import FINAL_STATES, JobState
from db.engine import Database
from db.models import Attempt
from db.repositories import attempts, rescues
from db.repositories.attempts import Claim, Released
from db.repositories.events import record_event
from db.repositories.rescues import QueuedJob
from tests import sample_jobs
from tests.sample_jobs import (
    CHECKPOINT,
    LEASE_SECONDS,
    OWNER,
    claim,
    claim_new,
    end_lease,
    finish,
    make_due,
    row,
    set_row,
    submit,
    try_claim,
    types,
)


def renew(database: Database, claimed: Claim, checkpoint: str | None = None) -> bool:
    with database.transaction() as connection:
        return attempts.renew(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            lease_seconds=LEASE_SECONDS,
            checkpoint=checkpoint,
        )


def give_back(
    database: Database,
    claimed: Claim,
    *,
    delay: float = 0.0,
    failed: bool = False,
    checkpoint: str | None = None,
) -> Released:
    with database.transaction() as connection:
        return attempts.give_back(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            reason="worker goes",
            delay_seconds=delay,
            failed=failed,
            checkpoint=checkpoint,
        )


def rescue(database: Database, *, max_losses: int = 5) -> list[Released]:
    with database.transaction() as connection:
        return [
            released
            for lost in rescues.running_jobs(connection)
            if lost.is_expired
            and (
                released := rescues.take_from_lost_attempt(
                    connection, lost, reason="lease ran out", max_losses=max_losses
                )
            )
        ]


def attempts_of(database: Database, job_id: str) -> list[tuple[int, str, str | None]]:
    query = select(Attempt.number, Attempt.owner, Attempt.outcome)
    with database.reading() as connection:
        rows = connection.execute(
            query.where(Attempt.job_id == job_id).order_by("number")
        )
        return [(number, owner, outcome) for number, owner, outcome in rows]


def test_a_claim_makes_the_job_running(database: Database) -> None:
    claimed = claim_new(database)
    job = row(database, claimed.job_id)
    assert (job.state, job.attempt) == (JobState.RUNNING, 1)
    assert job.lease_owner == OWNER
    assert job.lease_until == pytest.approx(claimed.claimed_at + LEASE_SECONDS)
    assert job.started_at == pytest.approx(claimed.claimed_at, abs=1.0)
    assert types(database, claimed.job_id) == ["job.queued", "job.started"]
    assert attempts_of(database, claimed.job_id) == [(1, OWNER, None)]


def test_a_duplicate_message_claims_nothing(database: Database) -> None:
    claimed = claim_new(database)
    assert try_claim(database, claimed.job_id) is None
    assert types(database, claimed.job_id) == ["job.queued", "job.started"]


def test_an_unknown_job_cannot_be_claimed(database: Database) -> None:
    assert try_claim(database, "job_none") is None


def test_of_many_who_claim_at_once_one_gets_the_job(database: Database) -> None:
    job_id = submit(database)
    together = threading.Barrier(4)
    got: list[Claim | None] = []

    def contend() -> None:
        together.wait(30)
        got.append(try_claim(database, job_id))

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert sum(one is not None for one in got) == 1
    assert row(database, job_id).attempt == 1


def test_a_job_that_is_not_yet_available_is_not_claimed(database: Database) -> None:
    claimed = claim_new(database)
    give_back(database, claimed, delay=3600.0)
    assert try_claim(database, claimed.job_id) is None


def test_a_deadline_before_the_start_is_not_claimed(database: Database) -> None:
    job_id = submit(database, deadline_s=60.0)
    make_due(database, job_id)
    assert try_claim(database, job_id) is None


def test_a_deadline_does_not_bar_a_job_that_has_started(database: Database) -> None:
    claimed = claim_new(database)
    give_back(database, claimed)
    make_due(database, claimed.job_id)
    assert claim(database, claimed.job_id).attempt == 2


def test_a_renewal_keeps_the_lease_and_the_checkpoint(database: Database) -> None:
    claimed = claim_new(database)
    end_lease(database, claimed.job_id)
    assert not renew(database, claimed, CHECKPOINT.model_dump_json())
    assert not renew(database, claimed)
    kept = row(database, claimed.job_id)
    assert kept.lease_until > claimed.claimed_at
    assert kept.checkpoint is not None
    assert Checkpoint.parse(kept.checkpoint) == CHECKPOINT
    assert rescue(database) == []


def test_the_next_attempt_starts_from_the_checkpoint(database: Database) -> None:
    claimed = claim_new(database)
    give_back(database, claimed, checkpoint=CHECKPOINT.model_dump_json())
    second = claim(database, claimed.job_id)
    assert second.attempt == 2
    assert second.checkpoint is not None
    assert Checkpoint.parse(second.checkpoint) == CHECKPOINT


def test_giving_back_without_a_checkpoint_keeps_the_last(database: Database) -> None:
    claimed = claim_new(database)
    renew(database, claimed, CHECKPOINT.model_dump_json())
    give_back(database, claimed)
    assert claim(database, claimed.job_id).checkpoint is not None


def test_giving_back_counts_only_failures(database: Database) -> None:
    claimed = claim_new(database)
    give_back(database, claimed)
    assert row(database, claimed.job_id).failures == 0
    give_back(database, claim(database, claimed.job_id), failed=True)
    assert row(database, claimed.job_id).failures == 1
    assert attempts_of(database, claimed.job_id) == [
        (1, OWNER, "worker goes"),
        (2, OWNER, "worker goes"),
    ]


@pytest.mark.parametrize("state", FINAL_STATES)
def test_an_ended_job_is_left_alone_by_all(database: Database, state: JobState) -> None:
    claimed = claim_new(database)
    finish(database, claimed, state)
    before = row(database, claimed.job_id)
    for write in (renew, give_back, finish):
        with pytest.raises(LeaseLostError):
            write(database, claimed)
    assert try_claim(database, claimed.job_id) is None
    assert rescue(database) == []
    after = row(database, claimed.job_id)
    for column in before.__table__.c:
        assert getattr(after, column.name) == getattr(before, column.name)
    assert types(database, claimed.job_id)[-1] == f"job.{state.value}"


def test_a_stale_attempt_can_write_nothing(database: Database) -> None:
    stale = claim_new(database)
    end_lease(database, stale.job_id)
    assert len(rescue(database)) == 1
    for write in (renew, give_back, finish):
        with pytest.raises(LeaseLostError):
            write(database, stale)
    owner = claim(database, stale.job_id)
    for write in (renew, give_back, finish):
        with pytest.raises(LeaseLostError):
            write(database, stale)
    assert not renew(database, owner)
    finish(database, owner)
    assert types(database, stale.job_id) == [
        "job.queued",
        "job.started",
        "job.attempt_lost",
        "job.started",
        "job.succeeded",
    ]


def test_the_database_refuses_a_second_terminal_event(database: Database) -> None:
    claimed = claim_new(database)
    finish(database, claimed)
    with pytest.raises(IntegrityError), database.transaction() as connection:
        record_event(
            connection,
            claimed.job_id,
            ordinal=9,
            attempt=1,
            type_=EventType.JOB_FAILED,
            payload=JobEnded(attempt=1),
            time=1.0,
        )


def finish_and_break(database: Database, claimed: Claim) -> None:
    with database.transaction() as connection:
        attempts.finish(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            state=JobState.SUCCEEDED,
            payload=JobEnded(attempt=claimed.attempt),
        )
        raise ZeroDivisionError


def test_a_failed_finish_leaves_nothing_half_made(database: Database) -> None:
    claimed = claim_new(database)
    with pytest.raises(ZeroDivisionError):
        finish_and_break(database, claimed)
    assert row(database, claimed.job_id).state == JobState.RUNNING
    assert types(database, claimed.job_id) == ["job.queued", "job.started"]


def test_an_error_is_kept_with_the_job(database: Database) -> None:
    claimed = claim_new(database)
    error = InternalError().record()
    with database.transaction() as connection:
        attempts.finish(
            connection,
            claimed.job_id,
            attempt=1,
            state=JobState.FAILED,
            payload=JobEnded(attempt=1, error=error),
            error=error,
        )
    assert row(database, claimed.job_id).error == error.model_dump_json()


def test_a_lost_job_is_queued_from_its_checkpoint(database: Database) -> None:
    claimed = claim_new(database)
    renew(database, claimed, CHECKPOINT.model_dump_json())
    end_lease(database, claimed.job_id)
    (released,) = rescue(database)
    assert not released.ended
    (told,) = released.milestones
    assert '"checkpoint_objective":40' in told.draft.data
    job = row(database, claimed.job_id)
    assert (job.state, job.losses, job.lease_owner) == (JobState.QUEUED, 1, None)
    assert claim(database, claimed.job_id).checkpoint is not None
    assert attempts_of(database, claimed.job_id)[0] == (1, OWNER, "lost")


def test_a_job_that_is_lost_too_often_fails(database: Database) -> None:
    claimed = claim_new(database)
    end_lease(database, claimed.job_id)
    rescue(database, max_losses=2)
    claim(database, claimed.job_id)
    end_lease(database, claimed.job_id)
    (released,) = rescue(database, max_losses=2)
    assert released.ended
    job = row(database, claimed.job_id)
    assert job.state == JobState.FAILED
    assert job.error is not None
    assert '"lost-too-often"' in job.error
    assert types(database, claimed.job_id)[-2:] == ["job.attempt_lost", "job.failed"]


def test_an_owner_that_renews_in_time_keeps_its_job(database: Database) -> None:
    claimed = claim_new(database)
    end_lease(database, claimed.job_id)
    with database.reading() as connection:
        (seen,) = rescues.running_jobs(connection)
    renew(database, claimed)
    with database.transaction() as connection:
        taken = rescues.take_from_lost_attempt(
            connection, seen, reason="?", max_losses=5
        )
    assert seen.is_expired
    assert taken is None
    assert row(database, claimed.job_id).state == JobState.RUNNING


def test_a_later_attempt_is_not_taken_for_a_lost_one(database: Database) -> None:
    claimed = claim_new(database)
    with database.reading() as connection:
        (seen,) = rescues.running_jobs(connection)
    give_back(database, claimed)
    claim(database, claimed.job_id)
    with database.transaction() as connection:
        taken = rescues.take_from_lost_attempt(
            connection, seen, reason="?", max_losses=5
        )
    assert taken is None


def test_a_job_whose_deadline_comes_first_expires_once(database: Database) -> None:
    job_id = submit(database, deadline_s=60.0)
    with database.transaction() as connection:
        assert rescues.overdue_unstarted(connection, limit=9) == []
        assert rescues.expire_unstarted(connection, job_id) is None
    make_due(database, job_id)
    with database.transaction() as connection:
        assert rescues.overdue_unstarted(connection, limit=9) == [job_id]
        assert rescues.expire_unstarted(connection, job_id) is not None
    with database.transaction() as connection:
        assert rescues.expire_unstarted(connection, job_id) is None
    job = row(database, job_id)
    assert (job.state, job.finished_at) == (JobState.EXPIRED, job.deadline_at)
    assert types(database, job_id) == ["job.queued", "job.expired"]


def test_a_job_that_started_does_not_expire(database: Database) -> None:
    claimed = claim_new(database)
    give_back(database, claimed)
    make_due(database, claimed.job_id)
    with database.transaction() as connection:
        assert rescues.overdue_unstarted(connection, limit=9) == []
        assert rescues.expire_unstarted(connection, claimed.job_id) is None


def test_queued_jobs_are_those_that_may_start_oldest_first(database: Database) -> None:
    first, second = submit(database), submit(database)
    set_row(database, second, available_at=1.0)
    give_back(database, claim_new(database), delay=3600.0)
    claim_new(database)
    with database.reading() as connection:
        waiting = rescues.queued_jobs(connection, waited_seconds=60.0, limit=9)
    assert waiting == [
        QueuedJob(second, "solve", "interactive", has_waited=True),
        QueuedJob(first, "solve", "interactive", has_waited=False),
    ]


def test_the_submitted_request_is_what_is_claimed(database: Database) -> None:
    claimed = claim_new(database)
    assert claimed.request == sample_jobs.REQUEST.model_dump_json()
    assert (claimed.kind, claimed.queue) == ("solve", "interactive")
