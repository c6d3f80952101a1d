"""Jobs as their callers see them: accepted, listed, asked to stop."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel
from sqlalchemy import (
    Connection,
    bindparam,
    case,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts import trace
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import JobFinishedError, NotFoundError
from db.contracts.event import EventType, JobEnded, JobQueued
from db.contracts.job_kind import OF_SOLVES, JobKind, Origin, Queue
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds import KINDS
from db.contracts.termination import Termination
from db.engine import now
from db.models import Job
from db.models.job import ENDED, OPEN
from db.repositories.events import (
    ENDED_COLUMNS,
    Milestone,
    ended_of,
    record_event,
)
from db.repositories.measures import measures_of
from db.repositories.paging import Cursor, newest_first


@dataclass(frozen=True)
class NewJob:
    """What is recorded when a job is accepted."""

    id: str
    kind: str
    queue: str
    request: str
    method: str | None = None
    instance_sha256: str | None = None
    matrix_order: int | None = None
    deadline_s: float | None = None
    caller: str = ""
    priority_s: float = 0.0
    """How many seconds earlier it counts as sent."""
    origin: str | None = None
    origin_id: str | None = None
    traceparent: str | None = None
    parent_id: str | None = None
    position: int | None = None
    children: int | None = None
    fan_out: int | None = None
    fingerprint: str | None = None
    leads: bool = False
    follows: str | None = None
    held: bool = False
    """Whether no worker may claim it, until its parent or its leader lets it go."""
    notify: str | None = None
    """An `EndWish`, where a person is to be told of the end."""
    eta_low_s: float | None = None
    eta_high_s: float | None = None
    """Between how many seconds from now it should start."""


_RELATIVE = frozenset({"deadline_s", "eta_low_s", "eta_high_s"})


def describe(
    kind: JobKind[Any, Any],
    request: BaseModel,
    *,
    job_id: str,
    caller: str = "",
    priority_s: float = 0.0,
    origin: Origin | None = None,
    origin_id: str | None = None,
    traceparent: str | None = None,
    parent_id: str | None = None,
    position: int | None = None,
    held: bool = False,
    large_order: int = 0,
) -> NewJob:
    """Return a new job of this kind, as its row tells it.

    Without a ``traceparent`` a trace begins with it. ``large_order`` is from how many
    facilities on an instance is large; 0 is never.
    """
    facets, family = kind.facets(request), kind.family
    queue = kind.queue(request)
    if queue in OF_SOLVES and facets.order and 0 < large_order <= facets.order:
        queue = Queue.BULK
    return NewJob(
        id=job_id,
        kind=kind.name,
        queue=queue.value,
        request=request.model_dump_json(),
        method=facets.method,
        instance_sha256=facets.instance_sha256,
        matrix_order=facets.order,
        deadline_s=facets.deadline_s,
        caller=caller,
        priority_s=priority_s,
        origin=origin,
        origin_id=origin_id,
        traceparent=traceparent or trace.begin(),
        parent_id=parent_id,
        position=position,
        held=held,
        children=None if family is None else family.count(request),
        fan_out=None if family is None else family.fan_out(request),
        fingerprint=_of_owner(facets.fingerprint, caller),
        notify=None if facets.notify is None else facets.notify.model_dump_json(),
    )


def _of_owner(fingerprint: str | None, caller: str) -> str | None:
    """Return the fingerprint as that of one owner's work.

    Others do not share it: that a result is there at once would tell them who else
    asked, and its id is not theirs to see.
    """
    if fingerprint is None:
        return None
    return hashlib.sha256(f"{fingerprint} {caller}".encode()).hexdigest()


_COLUMNS = {
    **{
        name: bindparam(name)
        for name in NewJob.__dataclass_fields__
        if name not in _RELATIVE
    },
    "state": JobState.QUEUED.value,
    "available_at": now(),
    # Null without a deadline: the sum of null is null.
    "deadline_at": now() + bindparam("deadline_s"),
    "eta_low_at": now() + bindparam("eta_low_s"),
    "eta_high_at": now() + bindparam("eta_high_s"),
    "order_at": now() - bindparam("priority_s"),
    "milestones": 1,
    "created_at": now(),
}
# Refused silently: work that is in flight already, or an id that is taken.
_INSERT = {
    "sqlite": sqlite.insert(Job)
    .values(_COLUMNS)
    .on_conflict_do_nothing()
    .returning(Job),
    "postgresql": postgresql.insert(Job)
    .values(_COLUMNS)
    .on_conflict_do_nothing()
    .returning(Job),
}
_GET = select(Job).where(Job.id == bindparam("id"))
_OWNER = select(Job.caller).where(Job.id == bindparam("id"))
_ANY_OF = select(Job).where(Job.id.in_(bindparam("ids", expanding=True)))
_GET_WHOLE = _GET.add_columns(Job.result, Job.checkpoint, Job.certificate)


def insert_job(connection: Connection, job: NewJob) -> tuple[Job, Milestone]:
    """Record the job as queued; return it and what its log must hear."""
    inserted = try_insert_job(connection, job)
    if inserted is None:
        raise ValueError(f"{job.id} is recorded already, or the same work is in flight")
    return inserted


def try_insert_job(connection: Connection, job: NewJob) -> tuple[Job, Milestone] | None:
    """Do as ``insert_job``; return None where a unique index forbids it."""
    statement = _INSERT[connection.dialect.name]
    row = connection.execute(statement, vars(job)).mappings().one_or_none()
    if row is None:
        return None
    recorded = Job(**row)
    milestone = record_event(
        connection,
        job.id,
        ordinal=1,
        attempt=0,
        type_=EventType.JOB_QUEUED,
        payload=JobQueued(kind=job.kind, queue=job.queue, attempt=0),
        time=recorded.created_at,
    )
    return recorded, milestone


def get_job(connection: Connection, job_id: str, *, whole: bool = False) -> Job:
    """Return the job; ``whole`` loads its result and checkpoint too."""
    query = _GET_WHOLE if whole else _GET
    row = connection.execute(query, {"id": job_id}).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no job {job_id}")
    return Job(**row)


def owner_of(connection: Connection, job_id: str) -> str | None:
    """Return whose the job is; None if there is no such job."""
    return connection.execute(_OWNER, {"id": job_id}).scalar_one_or_none()


def find_job(connection: Connection, job_id: str) -> Job | None:
    """Return the whole job, or None if there is no such job any more."""
    row = connection.execute(_GET_WHOLE, {"id": job_id}).mappings().one_or_none()
    return None if row is None else Job(**row)


def get_jobs(connection: Connection, job_ids: Sequence[str]) -> list[Job]:
    """Return those of the jobs that there are, in no order."""
    rows = connection.execute(_ANY_OF, {"ids": list(job_ids)}).mappings()
    return [Job(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a listing shows; None means any."""

    caller: str | None = None
    states: Sequence[JobState] = ()
    kind: str | None = None
    method: str | None = None
    instance_sha256: str | None = None
    parent_id: str | None = None
    """Of the children to show; without it, only jobs that are no one's child."""
    created_before: float | None = None
    created_after: float | None = None


_LARGE = [
    kind.name for kind in KINDS.values() if kind.family and not kind.family.cooperates
]
"""Kinds whose requests may fill megabytes, and of which listings show nothing."""
_LISTED = [
    case((Job.kind.in_(_LARGE), ""), else_=Job.request).label("request"),
    *(
        attribute.class_attribute
        for attribute in inspect(Job).column_attrs
        if not attribute.deferred and attribute.key != "request"
    ),
]


def list_jobs(
    connection: Connection, chosen: JobFilter, *, after: Cursor | None, limit: int
) -> list[Job]:
    """Return jobs, newest first; their results and checkpoints are not loaded."""
    query = newest_first(
        select(*_LISTED), Job.created_at, Job.id, after=after, limit=limit
    )
    if chosen.caller is not None:
        query = query.where(Job.caller == chosen.caller)
    if len(chosen.states) == 1:
        # Not as a list of one: only so are they read in order by the index.
        query = query.where(Job.state == chosen.states[0])
    elif chosen.states:
        query = query.where(Job.state.in_(chosen.states))
    if chosen.kind is not None:
        query = query.where(Job.kind == chosen.kind)
    if chosen.method is not None:
        query = query.where(Job.method == chosen.method)
    if chosen.instance_sha256 is not None:
        query = query.where(Job.instance_sha256 == chosen.instance_sha256)
    if chosen.created_before is not None:
        query = query.where(Job.created_at < chosen.created_before)
    if chosen.created_after is not None:
        query = query.where(Job.created_at > chosen.created_after)
    query = query.where(
        Job.parent_id.is_(None)
        if chosen.parent_id is None
        else Job.parent_id == chosen.parent_id
    )
    # Plain rows: a page of records would take as long to make as to read.
    return cast("list[Job]", connection.execute(query).all())


def count_by_state(
    connection: Connection, *, owner: str | None = None
) -> dict[str, int]:
    """Return how many jobs are in each state, zeros included; one owner's, or all."""
    query = select(Job.state, func.count().label("total")).group_by(Job.state)
    # Of all, each half from an index of its own.
    rows = connection.execute(
        query.where(OPEN).union_all(query.where(ENDED))
        if owner is None
        else query.where(Job.caller == owner)
    )
    counts = dict.fromkeys((state.value for state in JobState), 0)
    return counts | {row.state: row.total for row in rows}


def request_cancel(connection: Connection, job_id: str) -> Milestone | None:
    """Ask the job to stop; one that is not running ends here and now.

    Returns the terminal milestone if it ended. Asking twice is harmless.
    """
    at = connection.execute(select(now())).scalar_one()
    # In either state: a job that is claimed or given back meanwhile must hear it too.
    connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.not_in(FINAL_STATES))
        .values(
            cancel_requested_at=func.coalesce(Job.cancel_requested_at, at),
            # Nobody new may count on an end that will not come.
            leads=False,
        )
    )
    ended = connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED)
        .values(
            state=JobState.CANCELLED.value,
            finished_at=at,
            milestones=Job.milestones + 1,
        )
        .returning(*ENDED_COLUMNS, Job.attempt, Job.milestones, Job.checkpoint)
    ).one_or_none()
    if ended is not None:
        payload = _cancelled(ended.attempt, ended.checkpoint)
        if payload.objective is not None:
            connection.execute(
                update(Job).where(Job.id == job_id).values(measures_of(payload))
            )
        return record_event(
            connection,
            job_id,
            ordinal=ended.milestones,
            attempt=ended.attempt,
            type_=EventType.JOB_CANCELLED,
            payload=payload,
            time=at,
            ended=ended_of(ended, JobState.CANCELLED, at=at),
        )
    state = get_job(connection, job_id).state
    if state in FINAL_STATES and state != JobState.CANCELLED:
        raise JobFinishedError(f"the job has {state} and can no longer be cancelled")
    return None


def _cancelled(attempt: int, checkpoint: str | None) -> JobEnded:
    """Return the end of a job that waited; it keeps what an attempt had found."""
    if checkpoint is None:
        return JobEnded(attempt=attempt)
    found = Checkpoint.parse(checkpoint)
    return JobEnded(
        attempt=attempt,
        objective=found.objective,
        bound=found.bound,
        termination=Termination.CANCELLED,
        iterations=found.iterations,
        elapsed_s=found.elapsed_s,
    )


def database_time(connection: Connection) -> float:
    """Return the clock that leases go by."""
    return connection.execute(select(now())).scalar_one()
