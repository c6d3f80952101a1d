"""What a fault leaves behind: lost attempts, missed deadlines, jobs nobody hears of."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, select, true, update

from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import ErrorRecord, LostTooOftenError
from db.contracts.event import EventType, JobAttemptLost, JobEnded
from db.contracts.job_state import JobState
from db.engine import now
from db.models import Job, QueuePause
from db.models.job import OPEN
from db.repositories.attempts import Released, close_attempt, ending_of
from db.repositories.events import (
    ENDED_COLUMNS,
    Milestone,
    ended_of,
    record_event,
)


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A running job and who says that it runs it."""

    job_id: str
    attempt: int
    owner: str
    is_expired: bool


def running_jobs(connection: Connection) -> list[RunningJob]:
    """Return all running jobs, and whether each one's lease has run out."""
    rows = connection.execute(
        select(Job.id, Job.attempt, Job.lease_owner, Job.lease_until < now()).where(
            # A job that is made of others has no owner: anyone may lead it on.
            OPEN,
            Job.state == JobState.RUNNING,
            Job.children.is_(None),
        )
    )
    return [
        RunningJob(job_id, attempt, owner or "", bool(is_expired))
        for job_id, attempt, owner, is_expired in rows
    ]


def take_from_lost_attempt(
    connection: Connection, lost: RunningJob, *, reason: str, max_losses: int
) -> Released | None:
    """Queue a lost attempt's job again, or fail it when it was lost too often.

    Returns None when it is no longer that attempt's, or was renewed meanwhile.
    """
    owned = _owned_by(lost.job_id, lost.attempt)
    # Renewed since it was read: the owner lives after all.
    still_lost = Job.lease_until < now() if lost.is_expired else true()
    row = connection.execute(
        update(Job)
        .where(owned, still_lost)
        .values(
            state=JobState.QUEUED.value,
            lease_owner=None,
            lease_until=0.0,
            available_at=now(),
            losses=Job.losses + 1,
            milestones=Job.milestones + 1,
        )
        .returning(
            Job.kind,
            Job.queue,
            Job.milestones,
            Job.losses,
            Job.checkpoint,
            Job.available_at,
        )
    ).one_or_none()
    if row is None:
        return None
    at = row.available_at
    close_attempt(connection, lost.job_id, lost.attempt, "lost", at)
    told = record_event(
        connection,
        lost.job_id,
        ordinal=row.milestones,
        attempt=lost.attempt,
        type_=EventType.JOB_ATTEMPT_LOST,
        payload=JobAttemptLost(
            attempt=lost.attempt,
            reason=reason,
            checkpoint_objective=_checkpointed_objective(row.checkpoint),
        ),
        time=at,
    )
    if row.losses < max_losses:
        return Released(lost.job_id, row.kind, row.queue, (told,), ended=False)
    error = LostTooOftenError(
        f"{row.losses} workers died or fell silent while running this job"
    ).record()
    ending = end_queued(
        connection, lost.job_id, state=JobState.FAILED, error=error, at=at
    )
    return Released(lost.job_id, row.kind, row.queue, (told, ending), ended=True)


def end_queued(
    connection: Connection,
    job_id: str,
    *,
    state: JobState,
    at: float,
    error: ErrorRecord | None = None,
) -> Milestone:
    """End a job that waits; the caller has made sure, in this transaction, it does."""
    row = connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED)
        .values(
            state=state.value,
            error=None if error is None else error.model_dump_json(),
            finished_at=at,
            milestones=Job.milestones + 1,
        )
        .returning(*ENDED_COLUMNS, Job.milestones, Job.attempt)
    ).one()
    return record_event(
        connection,
        job_id,
        ordinal=row.milestones,
        attempt=row.attempt,
        type_=ending_of(row.kind, state),
        payload=JobEnded(attempt=row.attempt, error=error),
        time=at,
        ended=ended_of(row, state, at=at),
    )


def overdue_unstarted(connection: Connection, *, limit: int) -> list[str]:
    """Return queued jobs that never started and whose deadline has come."""
    return list(
        connection.execute(
            select(Job.id)
            .where(
                OPEN,
                Job.state == JobState.QUEUED,
                Job.attempt == 0,
                Job.deadline_at <= now(),
            )
            .limit(limit)
        ).scalars()
    )


def expire_unstarted(connection: Connection, job_id: str) -> Milestone | None:
    """End a job whose deadline came first, unless it was claimed meanwhile."""
    row = connection.execute(
        update(Job)
        .where(
            Job.id == job_id,
            Job.state == JobState.QUEUED,
            Job.attempt == 0,
            Job.deadline_at <= now(),
        )
        .values(available_at=Job.deadline_at)
        .returning(Job.deadline_at)
    ).one_or_none()
    if row is None:
        return None
    return end_queued(connection, job_id, state=JobState.EXPIRED, at=row.deadline_at)


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that a worker may take."""

    id: str
    kind: str
    queue: str
    has_waited: bool
    """Whether it has waited for so long that its message should have arrived."""


def queued_jobs(
    connection: Connection, *, waited_seconds: float, limit: int
) -> list[QueuedJob]:
    """Return jobs that could have started by now, oldest first.

    Those of a paused queue could not: whoever lets it go on has them sent again.
    """
    rows = connection.execute(
        select(
            Job.id,
            Job.kind,
            Job.queue,
            (Job.available_at <= now() - waited_seconds).label("has_waited"),
        )
        .where(
            OPEN,
            Job.state == JobState.QUEUED,
            Job.held.is_(False),
            Job.children.is_(None),
            Job.available_at <= now(),
            Job.queue.not_in(select(QueuePause.queue)),
        )
        .order_by(Job.available_at)
        .limit(limit)
    )
    return [QueuedJob(**row) for row in rows.mappings()]


def _owned_by(job_id: str, attempt: int) -> ColumnElement[bool]:
    return and_(Job.id == job_id, Job.attempt == attempt, Job.state == JobState.RUNNING)


def _checkpointed_objective(checkpoint: str | None) -> int | float | None:
    return None if checkpoint is None else Checkpoint.parse(checkpoint).objective
