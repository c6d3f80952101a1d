"""A job's way through one attempt: claim, renew, and finish or give back.

Each write of a running attempt says which attempt it is and changes nothing when
another has taken over. The statements and their order are those that ADR 0003 tells;
they are built once, for every job goes through them.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, update

from db.contracts.errors import ErrorRecord, LeaseLostError
from db.contracts.event import (
    EventType,
    JobEnded,
    JobQueued,
    JobStarted,
)
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.engine import now
from db.models import Attempt, Job
from db.repositories.events import (
    ENDED_COLUMNS,
    Milestone,
    ended_of,
    record_event,
)
from db.repositories.measures import MEASURES, measures_of

_ENDINGS = {
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
    parent_id: str | None
    fingerprint: str | None
    leads: bool
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


def ending_of(kind: str, state: JobState) -> EventType:
    """Return the event that tells of a job's end."""
    return KINDS[kind].succeeded if state is JobState.SUCCEEDED else _ENDINGS[state]


OWNED = and_(
    Job.id == bindparam("owned_job"),
    Job.attempt == bindparam("owned_attempt"),
    Job.state == JobState.RUNNING.value,
)
"""The fence: true while this attempt runs the job."""

_CLAIM = (
    update(Job)
    .where(
        Job.id == bindparam("job_id"),
        Job.state == JobState.QUEUED.value,
        Job.held.is_(False),
        Job.children.is_(None),
        Job.available_at <= now(),
        or_(
            Job.attempt > 0,
            Job.deadline_at.is_(None),
            Job.deadline_at > now(),
        ),
    )
    .values(
        state=JobState.RUNNING.value,
        attempt=Job.attempt + 1,
        milestones=Job.milestones + 1,
        lease_owner=bindparam("owner"),
        lease_until=now() + bindparam("lease_seconds"),
        started_at=func.coalesce(Job.started_at, now()),
    )
    .returning(
        Job.kind,
        Job.queue,
        Job.request,
        Job.checkpoint,
        Job.attempt,
        Job.failures,
        Job.milestones,
        Job.created_at,
        Job.deadline_at,
        Job.parent_id,
        Job.fingerprint,
        Job.leads,
        Job.lease_until,
        Job.cancel_requested_at,
    )
)
_INSERT_ATTEMPT = insert(Attempt)
_RENEW = (
    update(Job)
    .where(OWNED)
    .values(
        lease_until=now() + bindparam("lease_seconds"),
        checkpoint=func.coalesce(bindparam("new_checkpoint"), Job.checkpoint),
    )
    .returning(Job.cancel_requested_at)
)
_FINISH = (
    update(Job)
    .where(OWNED)
    .values(
        state=bindparam("new_state"),
        result=bindparam("new_result"),
        certificate=bindparam("new_certificate"),
        error=bindparam("new_error"),
        finished_at=now(),
        **{name: bindparam(f"new_{name}") for name in MEASURES},
        lease_owner=None,
        lease_until=0.0,
        milestones=Job.milestones + 1,
    )
    .returning(*ENDED_COLUMNS, Job.milestones, Job.finished_at)
)
_GIVE_BACK = (
    update(Job)
    .where(OWNED)
    .values(
        state=JobState.QUEUED.value,
        lease_owner=None,
        lease_until=0.0,
        available_at=now() + bindparam("delay_seconds"),
        failures=Job.failures + bindparam("new_failures"),
        milestones=Job.milestones + 1,
        checkpoint=func.coalesce(bindparam("new_checkpoint"), Job.checkpoint),
    )
    .returning(Job.kind, Job.queue, Job.milestones, Job.available_at)
)
_CLOSE_ATTEMPT = (
    update(Attempt)
    .where(
        Attempt.job_id == bindparam("closed_job"),
        Attempt.number == bindparam("closed_number"),
    )
    .values(ended_at=bindparam("at"), outcome=bindparam("new_outcome"))
)


def claim(
    connection: Connection, job_id: str, *, owner: str, lease_seconds: float
) -> Claim | None:
    """Take the job from queued to running, or return None: someone else has it."""
    row = connection.execute(
        _CLAIM, {"job_id": job_id, "owner": owner, "lease_seconds": lease_seconds}
    ).one_or_none()
    if row is None:
        return None
    at = row.lease_until - lease_seconds
    connection.execute(
        _INSERT_ATTEMPT,
        {"job_id": job_id, "number": row.attempt, "owner": owner, "started_at": at},
    )
    started = record_event(
        connection,
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
        parent_id=row.parent_id,
        fingerprint=row.fingerprint,
        leads=row.leads,
        claimed_at=at,
        cancel_requested=row.cancel_requested_at is not None,
        started=started,
    )


def renew(
    connection: Connection,
    job_id: str,
    *,
    attempt: int,
    lease_seconds: float,
    checkpoint: str | None = None,
) -> bool:
    """Keep the lease and write the checkpoint, if given; return the wish to cancel."""
    row = connection.execute(
        _RENEW,
        {
            **_owner(job_id, attempt),
            "lease_seconds": lease_seconds,
            "new_checkpoint": checkpoint,
        },
    ).one_or_none()
    if row is None:
        raise LeaseLostError
    return row.cancel_requested_at is not None


def finish(
    connection: Connection,
    job_id: str,
    *,
    attempt: int,
    state: JobState,
    payload: JobEnded,
    result: str | None = None,
    certificate: str | None = None,
    error: ErrorRecord | None = None,
) -> Milestone:
    """End the job; raise LeaseLostError where another attempt owns it."""
    row = connection.execute(
        _FINISH,
        {
            **_owner(job_id, attempt),
            "new_state": state.value,
            "new_result": result,
            "new_certificate": certificate,
            "new_error": None if error is None else error.model_dump_json(),
            **{f"new_{name}": told for name, told in measures_of(payload).items()},
        },
    ).one_or_none()
    if row is None:
        raise LeaseLostError
    close_attempt(connection, job_id, attempt, state.value, row.finished_at)
    return record_event(
        connection,
        job_id,
        ordinal=row.milestones,
        attempt=attempt,
        type_=ending_of(row.kind, state),
        payload=payload,
        time=row.finished_at,
        ended=ended_of(row, state, at=row.finished_at, gap=payload.gap_to_best_known),
    )


def give_back(
    connection: Connection,
    job_id: str,
    *,
    attempt: int,
    reason: str,
    delay_seconds: float = 0.0,
    failed: bool = False,
    checkpoint: str | None = None,
) -> Released:
    """Queue the job again of one's own will: the worker goes, or an error may pass."""
    row = connection.execute(
        _GIVE_BACK,
        {
            **_owner(job_id, attempt),
            "delay_seconds": delay_seconds,
            "new_failures": int(failed),
            "new_checkpoint": checkpoint,
        },
    ).one_or_none()
    if row is None:
        raise LeaseLostError
    at = row.available_at - delay_seconds
    close_attempt(connection, job_id, attempt, reason, at)
    milestone = record_event(
        connection,
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
    connection: Connection, job_id: str, number: int, outcome: str, at: float
) -> None:
    """Note how an attempt ended."""
    connection.execute(
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
