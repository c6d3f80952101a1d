"""Schedules that tests record, let come due, and look at again."""

from sqlalchemy import update

from db.contracts.identifier import new_id
from db.contracts.kinds.solve import Limits, SolveRequest
from db.contracts.schedule import Overlap, Seed
from db.engine import Database
from db.models import Schedule, ScheduleRun
from db.repositories import jobs, schedule_runs, schedules
from db.repositories.schedules import NewSchedule

REQUEST = SolveRequest(instance="0" * 64, order=4, limits=Limits(time_s=1.0))


def moment(database: Database) -> float:
    """Return the database's time."""
    with database.reading() as connection:
        return jobs.database_time(connection)


def add(database: Database, **changes: object) -> Schedule:
    """Record a schedule of every 60 s that began an hour ago and is due in 30 s."""
    at = moment(database) // 1
    values: dict[str, object] = {
        "name": "every minute",
        "kind": "solve",
        "request": REQUEST.model_dump_json(),
        "submission": "{}",
        "seed": Seed.EACH.value,
        "webhook_url": None,
        "webhook_secret": None,
        "webhook_events": None,
        "caller": "",
        "priority_s": 0.0,
        "cron": None,
        "time_zone": None,
        "every_s": 60,
        "start_at": at - 3570.0,
        "end_at": None,
        "overlap": Overlap.ALLOW.value,
        "catch_up_s": 3600,
        "paused": False,
        "next_at": at + 30.0,
        **changes,
    }
    with database.transaction() as connection:
        return schedules.insert_schedule(
            connection,
            new_id("sch"),
            NewSchedule(**values),  # type: ignore[arg-type]
        )


def make_due(database: Database, schedule_id: str, *, seconds_ago: float = 0) -> float:
    """Let a due time have come; return it."""
    due_at = moment(database) // 1 - seconds_ago
    set_row(database, schedule_id, next_at=due_at, start_at=due_at - 3600, last_at=None)
    return due_at


def set_row(database: Database, schedule_id: str, **values: object) -> None:
    """Write into a schedule's row as no repository would."""
    with database.transaction() as connection:
        connection.execute(
            update(Schedule).where(Schedule.id == schedule_id).values(values)
        )


def row(database: Database, schedule_id: str) -> Schedule:
    """Return the schedule."""
    with database.reading() as connection:
        return schedules.get_schedule(connection, schedule_id)


def runs(database: Database, schedule_id: str) -> list[ScheduleRun]:
    """Return what came of its due times, oldest first."""
    with database.reading() as connection:
        found = schedule_runs.list_runs(connection, schedule_id, before=None, limit=999)
    return found[::-1]


def outcomes(database: Database, schedule_id: str) -> list[tuple[str, str | None]]:
    """Return the outcome and the reason of each, oldest first."""
    return [(run.outcome, run.reason) for run in runs(database, schedule_id)]
