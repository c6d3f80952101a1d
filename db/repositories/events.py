"""Milestones: the events that are rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from db.contracts.event import EventDraft, EventType, Payload
from db.models import Event

_INSERT = insert(Event)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A recorded event, ready for the log."""

    draft: EventDraft
    ordinal: int
    fence: int


def record_event(
    connection: Connection,
    job_id: str,
    *,
    ordinal: int,
    attempt: int,
    type_: EventType,
    payload: Payload,
    time: float,
) -> Milestone:
    """Add milestone ``ordinal``; the caller has counted it on the job's row."""
    data = payload.model_dump_json(exclude_none=True)
    connection.execute(
        _INSERT,
        {
            "job_id": job_id,
            "ordinal": ordinal,
            "attempt": attempt,
            "type": type_.value,
            "time": time,
            "data": data,
            "terminal": type_.is_terminal,
        },
    )
    return _milestone(job_id, ordinal, attempt, type_, time, data)


def milestones_of(connection: Connection, job_ids: Sequence[str]) -> list[Milestone]:
    """Return all milestones of the jobs, each job's in order."""
    rows = connection.execute(
        select(
            Event.job_id,
            Event.ordinal,
            Event.attempt,
            Event.type,
            Event.time,
            Event.data,
        )
        .where(Event.job_id.in_(job_ids))
        .order_by(Event.job_id, Event.ordinal)
    )
    return [
        _milestone(job_id, ordinal, attempt, EventType(type_), time, data)
        for job_id, ordinal, attempt, type_, time, data in rows
    ]


def _milestone(
    job_id: str, ordinal: int, attempt: int, type_: EventType, time: float, data: str
) -> Milestone:
    draft = EventDraft(
        id=f"evt_{job_id.removeprefix('job_')}.{ordinal}",
        type=type_,
        job_id=job_id,
        time=time,
        attempt=attempt,
        data=data,
    )
    # An attempt that lost the job may stream nothing more, even before the next.
    given_back = type_ in (EventType.JOB_ATTEMPT_LOST, EventType.JOB_QUEUED)
    fence = attempt + 1 if given_back and attempt else attempt
    return Milestone(draft, ordinal, fence)
