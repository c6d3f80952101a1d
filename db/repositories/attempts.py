"""A job's way through one attempt: claim, renew, and finish or give back.

Each write of a running attempt says which attempt it is and changes nothing when
another has taken over. The statements and their order are those that ADR 0003 tells;
they are built once and go around the session, for every job goes through them.
"""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, func, insert, or_, update
from sqlalchemy.orm import Session

from db.contracts.errors import ErrorRecord, LeaseLostError
from db.contracts.event import (
    EventType,
    JobEnded,
    JobQueued,
    JobStarted,
)
from db.contracts.job_state import JobState
from db.engine import now
from db.models import Attempt, Job
from db.models.record import table_of
from db.repositories.events import Milestone, record_event

_job, _attempt = table_of(Job), table_of(Attempt)

ENDINGS = {
    JobState.SUCCEEDED: EventType.JOB_SUCCEEDED,
    JobState.FAILED: EventType.JOB_FAILED,
    JobState.CANCELLED: EventType.JOB_CANCELLED,
    JobState.EXPIRED: EventType.JOB_EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this attempt owns, as long as it renews its lease."""

    job_id: str
    kind: str
    queue: str
    request: str
    checkpoint: str | None
    attempt: int
    failures: int
    created_at: float
    deadline_at: float | None
    claimed_at: float
    cancel_requested: bool
    started: Milestone


@dataclass(frozen=True, slots=True)
class Released:
    """A job that is queued again, and what its log must hear."""

    job_id: str
    kind: str
    queue: str
    milestones: tuple[Milestone, ...]
    ended: bool


OWNED = and_(
    _job.c.id == bindparam("owned_job"),
    _job.c.attempt == bindparam("owned_attempt"),
    _job.c.state == JobState.RUNNING.value,
)
"""The fence: true while this attempt runs the job."""

_CLAIM = (
    update(_job)
    .where(
        _job.c.id == bindparam("job_id"),
        _job.c.state == JobState.QUEUED.value,
        _job.c.available_at <= now(),
        or_(
            _job.c.attempt > 0,
            _job.c.deadline_at.is_(None),
            _job.c.deadline_at > now(),
        ),
    )
    .values(
        state=JobState.RUNNING.value,
        attempt=_job.c.attempt + 1,
        milestones=_job.c.milestones + 1,
        lease_owner=bindparam("owner"),
        lease_until=now() + bindparam("lease_seconds"),
        started_at=func.coalesce(_job.c.started_at, now()),
    )
    .returning(
        _job.c.kind,
        _job.c.queue,
        _job.c.request,
        _job.c.checkpoint,
        _job.c.attempt,
        _job.c.failures,
        _job.c.milestones,
        _job.c.created_at,
        _job.c.deadline_at,
        _job.c.lease_until,
        _job.c.cancel_requested_at,
    )
)
_INSERT_ATTEMPT = insert(_attempt)
_RENEW = (
    update(_job)
    .where(OWNED)
    .values(
        lease_until=now() + bindparam("lease_seconds"),
        checkpoint=func.coalesce(bindparam("new_checkpoint"), _job.c.checkpoint),
    )
    .returning(_job.c.cancel_requested_at)
)
_FINISH = (
    update(_job)
    .where(OWNED)
    .values(
        state=bindparam("new_state"),
        result=bindparam("new_result"),
        error=bindparam("new_error"),
        finished_at=now(),
        lease_owner=None,
        lease_until=0.0,
        milestones=_job.c.milestones + 1,
    )
    .returning(_job.c.milestones, _job.c.finished_at)
)
_GIVE_BACK = (
    update(_job)
    .where(OWNED)
    .values(
        state=JobState.QUEUED.value,
        lease_owner=None,
        lease_until=0.0,
        available_at=now() + bindparam("delay_seconds"),
        failures=_job.c.failures + bindparam("new_failures"),
        milestones=_job.c.milestones + 1,
        checkpoint=func.coalesce(bindparam("new_checkpoint"), _job.c.checkpoint),
    )
    .returning(_job.c.kind, _job.c.queue, _job.c.milestones, _job.c.available_at)
)
_CLOSE_ATTEMPT = (
    update(_attempt)
    .where(
        _attempt.c.job_id == bindparam("closed_job"),
        _attempt.c.number == bindparam("closed_number"),
    )
    .values(ended_at=bindparam("at"), outcome=bindparam("new_outcome"))
)


def claim(
    session: Session, job_id: str, *, owner: str, lease_seconds: float
) -> Claim | None:
    """Take the job from queued to running, or return None: someone else has it."""
    row = (
        session.connection()
        .execute(
            _CLAIM, {"job_id": job_id, "owner": owner, "lease_seconds": lease_seconds}
        )
        .one_or_none()
    )
    if row is None:
        return None
    at = row.lease_until - lease_seconds
    session.connection().execute(
        _INSERT_ATTEMPT,
        {"job_id": job_id, "number": row.attempt, "owner": owner, "started_at": at},
    )
    started = record_event(
        session,
        job_id,
        ordinal=row.milestones,
        attempt=row.attempt,
        type_=EventType.JOB_STARTED,
        payload=JobStarted(attempt=row.attempt, worker=owner),
        time=at,
    )
    return Claim(
        job_id=job_id,
        kind=row.kind,
        queue=row.queue,
        request=row.request,
        checkpoint=row.checkpoint,
        attempt=row.attempt,
        failures=row.failures,
        created_at=row.created_at,
        deadline_at=row.deadline_at,
        claimed_at=at,
        cancel_requested=row.cancel_requested_at is not None,
        started=started,
    )


def renew(
    session: Session,
    job_id: str,
    *,
    attempt: int,
    lease_seconds: float,
    checkpoint: str | None = None,
) -> bool:
    """Keep the lease and write the checkpoint, if given; return the wish to cancel."""
    row = (
        session.connection()
        .execute(
            _RENEW,
            {
                **_owner(job_id, attempt),
                "lease_seconds": lease_seconds,
                "new_checkpoint": checkpoint,
            },
        )
        .one_or_none()
    )
    if row is None:
        raise LeaseLostError
    return row.cancel_requested_at is not None


def finish(
    session: Session,
    job_id: str,
    *,
    attempt: int,
    state: JobState,
    payload: JobEnded,
    result: str | None = None,
    error: ErrorRecord | None = None,
) -> Milestone:
    """End the job; raise LeaseLostError where another attempt owns it."""
    row = (
        session.connection()
        .execute(
            _FINISH,
            {
                **_owner(job_id, attempt),
                "new_state": state.value,
                "new_result": result,
                "new_error": None if error is None else error.model_dump_json(),
            },
        )
        .one_or_none()
    )
    if row is None:
        raise LeaseLostError
    close_attempt(session, job_id, attempt, state.value, row.finished_at)
    return record_event(
        session,
        job_id,
        ordinal=row.milestones,
        attempt=attempt,
        type_=ENDINGS[state],
        payload=payload,
        time=row.finished_at,
    )


def give_back(
    session: Session,
    job_id: str,
    *,
    attempt: int,
    reason: str,
    delay_seconds: float = 0.0,
    failed: bool = False,
    checkpoint: str | None = None,
) -> Released:
    """Queue the job again of one's own will: the worker goes, or an error may pass."""
    row = (
        session.connection()
        .execute(
            _GIVE_BACK,
            {
                **_owner(job_id, attempt),
                "delay_seconds": delay_seconds,
                "new_failures": int(failed),
                "new_checkpoint": checkpoint,
            },
        )
        .one_or_none()
    )
    if row is None:
        raise LeaseLostError
    at = row.available_at - delay_seconds
    close_attempt(session, job_id, attempt, reason, at)
    milestone = record_event(
        session,
        job_id,
        ordinal=row.milestones,
        attempt=attempt,
        type_=EventType.JOB_QUEUED,
        payload=JobQueued(
            kind=row.kind, queue=row.queue, attempt=attempt, reason=reason
        ),
        time=at,
    )
    return Released(job_id, row.kind, row.queue, (milestone,), ended=False)


def close_attempt(
    session: Session, job_id: str, number: int, outcome: str, at: float
) -> None:
    """Note how an attempt ended."""
    session.connection().execute(
        _CLOSE_ATTEMPT,
        {
            "closed_job": job_id,
            "closed_number": number,
            "at": at,
            "new_outcome": outcome,
        },
    )


def _owner(job_id: str, attempt: int) -> dict[str, object]:
    return {"owned_job": job_id, "owned_attempt": attempt}
