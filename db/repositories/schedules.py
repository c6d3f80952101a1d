"""Schedules: kept, edited, and claimed when they are due."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from db.contracts.errors import NotFoundError
from db.contracts.job_kind import Origin
from db.contracts.job_state import FINAL_STATES
from db.engine import now
from db.models import Job, Schedule
from db.repositories.paging import Cursor, newest_first
from db.timetable import Cron, Every, Timetable

# With what is deferred: of a batch it may be megabytes, and listings do without.
_COLUMNS = Schedule.__table__.columns
_WHOLE = select(*_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class NewSchedule:
    """All of a schedule that its owner decides, checked and resolved."""

    name: str
    kind: str
    request: str
    submission: str
    seed: str
    webhook_url: str | None
    webhook_secret: str | None
    webhook_events: str | None
    caller: str
    priority_s: float
    cron: str | None
    time_zone: str | None
    every_s: int | None
    start_at: float
    end_at: float | None
    overlap: str
    catch_up_s: int
    paused: bool
    next_at: float | None


def insert_schedule(
    connection: Connection, schedule_id: str, new: NewSchedule
) -> Schedule:
    """Record a new schedule."""
    row = connection.execute(
        insert(Schedule)
        .values(
            **vars(new),
            id=schedule_id,
            records=0,
            runs=0,
            skips=0,
            created_at=now(),
            updated_at=now(),
        )
        .returning(*_COLUMNS)
    )
    return Schedule(**row.mappings().one())


def update_schedule(
    connection: Connection, schedule_id: str, **values: object
) -> Schedule:
    """Write what its owner has changed; the caller holds its row."""
    row = connection.execute(
        update(Schedule)
        .where(Schedule.id == schedule_id)
        .values(**values, updated_at=now())
        .returning(*_COLUMNS)
    )
    return Schedule(**row.mappings().one())


def delete_schedule(connection: Connection, schedule_id: str) -> None:
    """Forget the schedule and its runs; its jobs stay."""
    found = connection.execute(
        delete(Schedule).where(Schedule.id == schedule_id).returning(Schedule.id)
    )
    if found.one_or_none() is None:
        raise NotFoundError(f"there is no schedule {schedule_id}")


def get_schedule(connection: Connection, schedule_id: str) -> Schedule:
    """Return the schedule."""
    return _one(connection, _WHOLE, schedule_id)


def hold_schedule(connection: Connection, schedule_id: str) -> Schedule:
    """Return the schedule, which no one else can change until the commit."""
    # SQLite has one writer anyway and says nothing for it.
    query = _WHOLE.with_for_update()
    return _one(connection, query, schedule_id)


def owner_of(connection: Connection, schedule_id: str) -> str | None:
    """Return whose the schedule is; None if there is no such schedule."""
    query = select(Schedule.caller).where(Schedule.id == schedule_id)
    return connection.execute(query).scalar_one_or_none()


def list_schedules(
    connection: Connection,
    *,
    after: Cursor | None,
    limit: int,
    caller: str | None = None,
) -> list[Schedule]:
    """Return schedules, newest first, without the description of their jobs.

    ``caller`` is whose; None is anyone's.
    """
    query = newest_first(
        select(Schedule), Schedule.created_at, Schedule.id, after=after, limit=limit
    )
    if caller is not None:
        query = query.where(Schedule.caller == caller)
    rows = connection.execute(query).mappings()
    return [Schedule(**row) for row in rows]


def count_schedules(connection: Connection, *, caller: str | None = None) -> int:
    """Return how many schedules there are; ``caller`` is whose, None anyone's."""
    query = select(func.count()).select_from(Schedule)
    if caller is not None:
        query = query.where(Schedule.caller == caller)
    return connection.execute(query).scalar_one()


def due_schedules(connection: Connection, *, limit: int) -> list[tuple[str, float]]:
    """Return schedules that are due, and when they were, the longest due first."""
    query = (
        select(Schedule.id, Schedule.next_at)
        .where(Schedule.next_at <= now())
        .order_by(Schedule.next_at, Schedule.id)
        .limit(limit)
    )
    return [(row.id, row.next_at) for row in connection.execute(query)]


def waiting_schedules(connection: Connection, *, limit: int) -> list[tuple[str, float]]:
    """Return schedules of which a due time waits, and need wait no longer."""
    query = (
        select(Schedule.id, Schedule.waiting_at)
        .where(Schedule.waiting_at.is_not(None), ~_UNENDED)
        .order_by(Schedule.waiting_at, Schedule.id)
        .limit(limit)
    )
    return [(row.id, row.waiting_at) for row in connection.execute(query)]


def claim_due(
    connection: Connection, schedule_id: str, due_at: float
) -> Schedule | None:
    """Return the held schedule, or None: another process has dealt with this time."""
    return _claimed(connection, schedule_id, Schedule.next_at == due_at)


def claim_waiting(
    connection: Connection, schedule_id: str, due_at: float
) -> Schedule | None:
    """Return the held schedule if this due time still waits, and need not."""
    return _claimed(connection, schedule_id, Schedule.waiting_at == due_at, ~_UNENDED)


def advance(
    connection: Connection, held: Schedule, *, next_at: float | None, last_at: float
) -> None:
    """Let the schedule be due next at ``next_at``."""
    connection.execute(
        update(Schedule)
        .where(Schedule.id == held.id, Schedule.next_at == held.next_at)
        .values(next_at=next_at, last_at=last_at)
    )


def set_waiting(connection: Connection, held: Schedule, due_at: float | None) -> None:
    """Let a due time wait, or none."""
    connection.execute(
        update(Schedule).where(Schedule.id == held.id).values(waiting_at=due_at)
    )


def count(
    connection: Connection, schedule_id: str, *, runs: int = 0, skips: int = 0
) -> int:
    """Count a record of the schedule's runs; return its number."""
    return connection.execute(
        update(Schedule)
        .where(Schedule.id == schedule_id)
        .values(
            records=Schedule.records + 1,
            runs=Schedule.runs + runs,
            skips=Schedule.skips + skips,
        )
        .returning(Schedule.records)
    ).scalar_one()


def count_late(
    connection: Connection, schedule_id: str, *, runs: int = 0, skips: int = 0
) -> None:
    """Count what came of a due time that waited; its record has a number already."""
    connection.execute(
        update(Schedule)
        .where(Schedule.id == schedule_id)
        .values(runs=Schedule.runs + runs, skips=Schedule.skips + skips)
    )


def unended_jobs(connection: Connection, schedule_id: str, *, limit: int) -> list[str]:
    """Return the schedule's jobs that are under way or wait, oldest first."""
    query = (
        select(Job.id)
        .where(
            Job.origin_id == schedule_id,
            Job.origin == Origin.SCHEDULE.value,
            Job.state.not_in(FINAL_STATES),
        )
        .order_by(Job.created_at, Job.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def timetable_of(schedule: Schedule) -> Timetable:
    """Return when the schedule is due."""
    rule: Cron | Every
    if schedule.every_s is not None:
        rule = Every(schedule.every_s, schedule.start_at)
    else:
        rule = Cron(schedule.cron or "", schedule.time_zone or "")
    return Timetable(rule, schedule.start_at, schedule.end_at)


_UNENDED = exists(
    select(Job.id).where(
        Job.origin_id == Schedule.id,
        Job.origin == Origin.SCHEDULE.value,
        Job.state.not_in(FINAL_STATES),
    )
)


def _claimed(
    connection: Connection, schedule_id: str, *still: ColumnElement[bool]
) -> Schedule | None:
    """Return the held schedule if this is still so."""
    query = _WHOLE.where(Schedule.id == schedule_id, *still)
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    return None if row is None else Schedule(**row)


def _one(connection: Connection, query: Select[Schedule], schedule_id: str) -> Schedule:
    found = connection.execute(query.where(Schedule.id == schedule_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no schedule {schedule_id}")
    return Schedule(**row)
