"""Jobs that are made of other jobs: opened bit by bit, counted in SQL.

Nobody owns such a job and no lease is kept: whoever notices that there is something to
do leads it on, holding its row for one transaction. Doing it twice is harmless.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    update,
)

from db.contracts.event import Counts, EventType, JobStarted
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds import KINDS
from db.engine import now
from db.models import Job
from db.models.job import OPEN
from db.repositories.events import Milestone, record_event

PAGE = 500
OPEN_STATES = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class Parent:
    """A job that is made of others, and has not ended."""

    id: str
    kind: str
    state: JobState
    caller: str
    priority_s: float
    attempt: int
    children: int
    fan_out: int
    is_stopping: bool
    """Whether it was asked to stop."""
    is_overdue: bool
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class ChildRow:
    """What a child has to say about itself."""

    id: str
    position: int
    state: JobState
    result: str | None
    checkpoint: str | None
    """Where it had got to, should it have no result."""
    error: str | None
    attempt: int
    cached_from: str | None
    started_at: float | None
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a child came to, as its row tells it."""

    position: int
    state: JobState
    objective: float | None
    elapsed_s: float | None
    iterations: int | None


_PARENTS = select(
    Job.id,
    Job.kind,
    Job.state,
    Job.caller,
    Job.priority_s,
    Job.attempt,
    Job.children,
    Job.fan_out,
    Job.cancel_requested_at,
    (Job.deadline_at <= now()).label("is_overdue"),
    Job.traceparent,
).where(Job.children.is_not(None))


def hold_parent(connection: Connection, job_id: str) -> Parent | None:
    """Return the parent, held until the transaction ends; None once it has ended."""
    return _parent(connection, _PARENTS.where(Job.id == job_id).with_for_update())


def find_parent(connection: Connection, job_id: str) -> Parent | None:
    """Return the parent as it stands, held by nobody; None once it has ended."""
    return _parent(connection, _PARENTS.where(Job.id == job_id))


def _parent(connection: Connection, query: Select[*tuple[Any, ...]]) -> Parent | None:
    row = connection.execute(query).one_or_none()
    if row is None or row.state in FINAL_STATES:
        return None
    return Parent(
        id=row.id,
        kind=row.kind,
        state=JobState(row.state),
        caller=row.caller,
        priority_s=row.priority_s,
        attempt=row.attempt,
        children=row.children,
        fan_out=row.fan_out,
        is_stopping=row.cancel_requested_at is not None,
        is_overdue=bool(row.is_overdue),
        traceparent=row.traceparent,
    )


def request_of(connection: Connection, job_id: str) -> str:
    """Return the job's request: large, where a family is."""
    return connection.execute(select(Job.request).where(Job.id == job_id)).scalar_one()


def start_parent(connection: Connection, parent: Parent) -> Milestone:
    """Let a held, queued parent run: its one and only attempt."""
    row = connection.execute(
        update(Job)
        .where(Job.id == parent.id)
        .values(
            state=JobState.RUNNING.value,
            attempt=1,
            milestones=Job.milestones + 1,
            started_at=now(),
        )
        .returning(Job.milestones, Job.started_at)
    ).one()
    return record_event(
        connection,
        parent.id,
        ordinal=row.milestones,
        attempt=1,
        type_=EventType.JOB_STARTED,
        payload=JobStarted(attempt=1, worker="its children"),
        time=row.started_at,
    )


def count_children(connection: Connection, parent_id: str, *, total: int) -> Counts:
    """Return how many children are in which state; those not yet made are waiting."""
    return count_families(connection, {parent_id: total})[parent_id]


def count_families(
    connection: Connection, totals: Mapping[str, int]
) -> dict[str, Counts]:
    """Return the same of several parents, of which ``totals`` tells the children."""
    found: dict[str, dict[tuple[str, bool], int]] = {each: {} for each in totals}
    rows = connection.execute(
        select(Job.parent_id, Job.state, Job.held, func.count().label("total"))
        .where(Job.parent_id.in_(totals))
        .group_by(Job.parent_id, Job.state, Job.held)
    )
    for row in rows:
        found[str(row.parent_id)][row.state, bool(row.held)] = row.total
    return {each: _counts(found[each], total) for each, total in totals.items()}


def _counts(found: Mapping[tuple[str, bool], int], total: int) -> Counts:
    ended = {
        state.value: sum(found.get((state.value, held), 0) for held in (False, True))
        for state in FINAL_STATES
    }
    waiting = found.get((JobState.QUEUED.value, True), 0)
    return Counts(
        total=total,
        waiting=waiting + total - sum(found.values()),
        queued=found.get((JobState.QUEUED.value, False), 0),
        running=found.get((JobState.RUNNING.value, False), 0),
        **ended,
    )


def made_children(connection: Connection, parent_id: str) -> int:
    """Return how many children are rows already; they are made in order."""
    return connection.execute(
        select(func.count()).where(Job.parent_id == parent_id)
    ).scalar_one()


def open_count(connection: Connection, parent_id: str) -> int:
    """Return how many children workers may take, or have taken."""
    return connection.execute(
        select(func.count()).where(
            Job.parent_id == parent_id,
            Job.state.in_(OPEN_STATES),
            Job.held.is_(False),
        )
    ).scalar_one()


def next_held(connection: Connection, parent_id: str, *, limit: int) -> list[Job]:
    """Return the children that are to be opened next."""
    rows = connection.execute(
        select(Job)
        .where(
            Job.parent_id == parent_id,
            Job.state == JobState.QUEUED.value,
            Job.held.is_(True),
        )
        .order_by(Job.position)
        .limit(limit)
    ).mappings()
    return [Job(**row) for row in rows]


def open_held(connection: Connection, job_ids: Sequence[str]) -> None:
    """Offer these children to workers."""
    connection.execute(
        update(Job)
        .where(Job.id.in_(job_ids))
        .values(held=False, available_at=now(), order_at=now() - Job.priority_s)
    )


def results_of(connection: Connection, parent_id: str) -> list[str]:
    """Return the results of children that came to their ends, not been stopped."""
    query = select(Job.result).where(
        Job.parent_id == parent_id,
        Job.state == JobState.SUCCEEDED.value,
        Job.result.is_not(None),
    )
    return [result for result in connection.execute(query).scalars() if result]


def put_report(connection: Connection, parent_id: str, report: str) -> None:
    """Keep what can be told of the family while it runs."""
    connection.execute(
        update(Job)
        .where(Job.id == parent_id, Job.state == JobState.RUNNING.value)
        .values(checkpoint=report)
    )


def open_children(connection: Connection, parent_id: str) -> list[tuple[str, str]]:
    """Return children that have not ended: id and state; held ones first."""
    rows = connection.execute(
        select(Job.id, Job.state)
        .where(Job.parent_id == parent_id, Job.state.in_(OPEN_STATES))
        .order_by(Job.held.desc(), Job.position.desc())
        .limit(PAGE)
    )
    return [(job_id, state) for job_id, state in rows]


def ended_children(
    connection: Connection, parent_id: str, *, after: int = -1, limit: int = PAGE
) -> list[ChildRow]:
    """Return children that have ended, by position, from behind ``after`` on."""
    return _children(
        connection,
        Job.parent_id == parent_id,
        Job.state.in_(FINAL_STATES),
        Job.position > after,
        limit=limit,
    )


def _children(
    connection: Connection, *which: ColumnElement[bool], limit: int | None = None
) -> list[ChildRow]:
    rows = connection.execute(
        select(
            Job.id,
            Job.position,
            Job.state,
            Job.result,
            case((Job.result.is_(None), Job.checkpoint)).label("checkpoint"),
            Job.error,
            Job.attempt,
            Job.cached_from,
            Job.started_at,
            Job.finished_at,
        )
        .where(*which)
        .order_by(Job.position)
        .limit(limit)
    )
    return [
        ChildRow(**{**row, "state": JobState(row["state"])}) for row in rows.mappings()
    ]


def ended_positions(connection: Connection, parent_id: str) -> list[int]:
    """Return the positions of all children that have ended, rising."""
    query = (
        select(Job.position)
        .where(Job.parent_id == parent_id, Job.state.in_(FINAL_STATES))
        .order_by(Job.position)
    )
    return [position or 0 for (position,) in connection.execute(query)]


def children_at(
    connection: Connection, parent_id: str, positions: Sequence[int]
) -> list[ChildRow]:
    """Return the children at these positions, by position."""
    return _children(
        connection, Job.parent_id == parent_id, Job.position.in_(positions)
    )


def measured_children(connection: Connection, parent_id: str) -> list[Measured]:
    """Return what the children that have ended came to, without their results."""
    rows = connection.execute(
        select(Job.position, Job.state, Job.objective, Job.elapsed_s, Job.iterations)
        .where(Job.parent_id == parent_id, Job.state.in_(FINAL_STATES))
        .order_by(Job.position)
    )
    return [
        Measured(**{**row, "state": JobState(row["state"])}) for row in rows.mappings()
    ]


def all_ended_children(connection: Connection, parent_id: str) -> Iterator[ChildRow]:
    """Yield every child that has ended, by position."""
    after, page = -1, ended_children(connection, parent_id)
    while page:
        yield from page
        after = page[-1].position
        page = ended_children(connection, parent_id, after=after)


def needing_a_lead(connection: Connection, *, limit: int) -> Sequence[tuple[str, str]]:
    """Return families that would stand still: id and kind.

    Those that have not begun, that have room for more, whose children have all ended,
    or that are to stop. So are races of which a child has come to its end.
    """
    child = Job.__table__.alias("child")
    of_it = child.c.parent_id == Job.id
    is_open = and_(of_it, child.c.state.in_(OPEN_STATES), child.c.held.is_(False))
    open_count = select(func.count()).where(is_open).scalar_subquery()
    made = select(func.count()).where(of_it).scalar_subquery()
    has_arrival = (
        select(child.c.id)
        .where(of_it, child.c.state == JobState.SUCCEEDED.value)
        .exists()
    )
    held = (
        select(child.c.id)
        .where(of_it, child.c.state == JobState.QUEUED.value, child.c.held.is_(True))
        .exists()
    )
    rows = connection.execute(
        select(Job.id, Job.kind)
        .where(
            OPEN,
            Job.children.is_not(None),
            or_(
                Job.state == JobState.QUEUED.value,
                and_(
                    Job.state == JobState.RUNNING.value,
                    or_(
                        Job.cancel_requested_at.is_not(None),
                        Job.deadline_at <= now(),
                        open_count == 0,
                        and_(Job.kind.in_(_races()), has_arrival),
                        and_(open_count < Job.fan_out, or_(held, made < Job.children)),
                    ),
                ),
            ),
        )
        .order_by(Job.created_at)
        .limit(limit)
    )
    return [(job_id, kind) for job_id, kind in rows]


def _races() -> list[str]:
    kinds = KINDS.values()
    return [kind.name for kind in kinds if kind.family and kind.family.ends_race]
