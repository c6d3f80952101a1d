"""Milestones: the events that are rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from db.contracts.event import EventDraft, EventType
from db.contracts.job_state import JobState
from db.contracts.notification import TOLD, EndWish, of_job
from db.contracts.payload import Payload
from db.models import Event, Job, Notice
from db.repositories import charges, notifications
from db.repositories.planning import IS_WANTED, owe_milestone, wanted

# Every event of a job tells of the trace that is on its row. Whether any webhook wants
# it is asked in the same breath, for mostly none does.
_INSERT = insert(Event).returning(
    select(Job.traceparent).where(Job.id == bindparam("of_job")).scalar_subquery(),
    IS_WANTED,
    select(Job.notify).where(Job.id == bindparam("of_job")).scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """What the service's numbers tell of a job that was just ended."""

    kind: str
    method: str | None
    queue: str
    state: JobState
    wait_s: float | None
    """From its acceptance to its first start; None if it never started."""
    run_s: float | None
    """From there to the end."""
    gap: float | None = None
    """To the best known objective, where it ran and one is known."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A recorded event, ready for the log."""

    draft: EventDraft
    ordinal: int
    fence: int
    ended: Ended | None = None
    """Given by whoever recorded the end, and by nobody who reads it later."""
    delivery_ids: tuple[str, ...] = ()
    """What couriers are to be told of; empty when it is read later."""
    notices: tuple[Notice, ...] = ()
    """What channels are to be told beside it; likewise."""


def record_event(
    connection: Connection,
    job_id: str,
    *,
    ordinal: int,
    attempt: int,
    type_: EventType,
    payload: Payload,
    time: float,
    ended: Ended | None = None,
) -> Milestone:
    """Add milestone ``ordinal``, counted on the job's row; owe it to webhooks.

    A job that has succeeded is charged for.
    """
    if ended is not None and ended.state is JobState.SUCCEEDED:
        charges.charge(connection, job_id)
    data = payload.model_dump_json(exclude_none=True)
    traceparent, is_wanted, wish = connection.execute(
        _INSERT,
        {
            "of_job": job_id,
            "wanted": wanted(type_),
            "job_id": job_id,
            "ordinal": ordinal,
            "attempt": attempt,
            "type": type_.value,
            "time": time,
            "data": data,
            "terminal": type_.is_terminal,
        },
    ).one()
    owed = (
        owe_milestone(connection, job_id, ordinal=ordinal, type_=type_)
        if is_wanted
        else ()
    )
    recorded = replace(
        _milestone(job_id, ordinal, attempt, type_, time, data, traceparent),
        ended=ended,
        delivery_ids=owed,
    )
    if wish is None or type_ not in TOLD:
        return recorded
    return _notified(connection, recorded, payload, wish)


def _notified(
    connection: Connection, recorded: Milestone, payload: Payload, wish: str
) -> Milestone:
    """Write down what a person is to be told of an event, with the event."""
    draft = recorded.draft
    owner = connection.execute(select(Job.caller).where(Job.id == draft.job_id))
    noted = notifications.write(
        connection,
        of_job(
            EndWish.model_validate_json(wish),
            owner=owner.scalar_one(),
            job_id=draft.job_id,
            cause=draft.id,
            type_=draft.type,
            told=payload,
        ),
    )
    assert noted is not None, "an event is recorded once"
    return replace(
        recorded,
        delivery_ids=(*recorded.delivery_ids, *noted.delivery_ids),
        notices=(noted.notice,),
    )


ENDED_COLUMNS = (Job.kind, Job.method, Job.queue, Job.created_at, Job.started_at)
"""Of the row that `ended_of` is given."""


def ended_of(
    row: Any, state: JobState, *, at: float, gap: float | None = None
) -> Ended:
    """Return what the numbers tell of an end, by the job's row."""
    started = row.started_at
    return Ended(
        kind=row.kind,
        method=row.method,
        queue=row.queue,
        state=state,
        wait_s=None if started is None else max(0.0, started - row.created_at),
        run_s=None if started is None else max(0.0, at - started),
        gap=gap,
    )


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
            Job.traceparent,
        )
        .join(Job, Job.id == Event.job_id)
        .where(Event.job_id.in_(job_ids))
        .order_by(Event.job_id, Event.ordinal)
    )
    return [
        _milestone(job_id, ordinal, attempt, EventType(type_), time, data, traceparent)
        for job_id, ordinal, attempt, type_, time, data, traceparent in rows
    ]


def event_id(job_id: str, ordinal: int) -> str:
    """Return what the milestone is called wherever it is read."""
    return f"evt_{job_id.removeprefix('job_')}.{ordinal}"


def _milestone(
    job_id: str,
    ordinal: int,
    attempt: int,
    type_: EventType,
    time: float,
    data: str,
    traceparent: str | None,
) -> Milestone:
    draft = EventDraft(
        id=event_id(job_id, ordinal),
        type=type_,
        job_id=job_id,
        time=time,
        attempt=attempt,
        data=data,
        traceparent=traceparent or "",
    )
    # An attempt that lost the job may stream nothing more, even before the next.
    given_back = type_ in (EventType.JOB_ATTEMPT_LOST, EventType.JOB_QUEUED)
    fence = attempt + 1 if given_back and attempt else attempt
    return Milestone(draft, ordinal, fence)
