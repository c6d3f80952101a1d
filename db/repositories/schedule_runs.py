"""What came of due times: a row each, so that nothing goes by unseen."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from db.contracts.schedule import Cause, RunOutcome, SkipReason
from db.engine import now
from db.models import ScheduleRun
from db.repositories import schedules


def record_start(
    connection: Connection,
    schedule_id: str,
    *,
    due_at: float,
    cause: Cause,
    job_id: str,
) -> None:
    """Record that a job was started."""
    number = schedules.count(connection, schedule_id, runs=1)
    _insert(
        connection,
        schedule_id=schedule_id,
        number=number,
        due_at=due_at,
        cause=cause.value,
        outcome=RunOutcome.STARTED.value,
        job_id=job_id,
    )


def record_wait(
    connection: Connection, schedule_id: str, *, due_at: float, cause: Cause
) -> None:
    """Record that a due time waits for the job before it."""
    number = schedules.count(connection, schedule_id)
    _insert(
        connection,
        schedule_id=schedule_id,
        number=number,
        due_at=due_at,
        cause=cause.value,
        outcome=RunOutcome.WAITING.value,
    )


def record_skip(
    connection: Connection,
    schedule_id: str,
    *,
    due_at: float,
    cause: Cause,
    reason: SkipReason,
    times: int = 1,
) -> None:
    """Record that so many due times, from this one on, went by without a job."""
    number = schedules.count(connection, schedule_id, skips=times)
    _insert(
        connection,
        schedule_id=schedule_id,
        number=number,
        due_at=due_at,
        cause=cause.value,
        outcome=RunOutcome.SKIPPED.value,
        reason=reason.value,
        times=times,
    )


def end_wait_started(connection: Connection, schedule_id: str, *, job_id: str) -> None:
    """Record that the due time that waited has its job."""
    _end_wait(connection, schedule_id, outcome=RunOutcome.STARTED.value, job_id=job_id)
    schedules.count_late(connection, schedule_id, runs=1)


def end_wait_skipped(
    connection: Connection, schedule_id: str, *, reason: SkipReason
) -> None:
    """Record that the due time that waited gets none."""
    _end_wait(
        connection,
        schedule_id,
        outcome=RunOutcome.SKIPPED.value,
        reason=reason.value,
    )
    schedules.count_late(connection, schedule_id, skips=1)


def list_runs(
    connection: Connection, schedule_id: str, *, before: int | None, limit: int
) -> list[ScheduleRun]:
    """Return what came of the schedule's due times, newest first."""
    query = (
        select(ScheduleRun)
        .where(ScheduleRun.schedule_id == schedule_id)
        .order_by(ScheduleRun.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(ScheduleRun.number < before)
    return [ScheduleRun(**row) for row in connection.execute(query).mappings()]


def latest_runs(
    connection: Connection, numbers: Sequence[tuple[str, int]]
) -> dict[str, ScheduleRun]:
    """Return the run of each schedule that has this number."""
    query = select(ScheduleRun).where(
        tuple_(ScheduleRun.schedule_id, ScheduleRun.number).in_(numbers)
    )
    rows = connection.execute(query).mappings()
    return {row["schedule_id"]: ScheduleRun(**row) for row in rows}


def delete_before(connection: Connection, moment: float, *, limit: int) -> int:
    """Delete up to ``limit`` runs that were recorded before the moment."""
    old = (
        select(ScheduleRun.schedule_id, ScheduleRun.number)
        .where(
            ScheduleRun.recorded_at < moment,
            ScheduleRun.outcome != RunOutcome.WAITING.value,
        )
        .limit(limit)
    )
    deleted = connection.execute(
        delete(ScheduleRun)
        .where(tuple_(ScheduleRun.schedule_id, ScheduleRun.number).in_(old))
        .returning(ScheduleRun.number)
    )
    return len(deleted.all())


def _insert(connection: Connection, **values: object) -> None:
    connection.execute(
        insert(ScheduleRun).values({"times": 1, **values, "recorded_at": now()})
    )


def _end_wait(connection: Connection, schedule_id: str, **values: object) -> None:
    connection.execute(
        update(ScheduleRun)
        .where(
            ScheduleRun.schedule_id == schedule_id,
            ScheduleRun.outcome == RunOutcome.WAITING.value,
        )
        .values(**values, recorded_at=now())
    )
