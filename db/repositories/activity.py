"""How much is done for how many: what is told every other second while one listens."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from db.contracts.calculations import CALCULATIONS
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.engine import now
from db.models import Job
from db.models.job import OPEN

DAY_SECONDS = 86_400
MONTH_SECONDS = 30 * DAY_SECONDS
CAMPAIGNS = tuple(
    kind.name for kind in KINDS.values() if kind.family and not kind.family.cooperates
)
"""Kinds that are many solves under one job."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Counts of jobs; those that others are made of are jobs too."""

    callers: int
    """Distinct ones whose jobs are kept."""
    running: int
    """Jobs that a worker runs."""
    today: int
    """Accepted since midnight, UTC."""
    month: int
    """Accepted in the last thirty days."""
    campaigns: int
    """Batches and benchmarks that have begun and not ended."""


def activity(connection: Connection) -> Activity:
    """Return the counts; each is read from an index."""
    at = connection.execute(select(now())).scalar_one()
    running, campaigns = _running(connection)
    return Activity(
        callers=_count_callers(connection),
        running=running,
        today=_count_since(connection, Job.created_at, at - at % DAY_SECONDS),
        month=_count_since(connection, Job.created_at, at - MONTH_SECONDS),
        campaigns=campaigns,
    )


def count_queued(connection: Connection) -> int:
    """Return how many jobs wait, those held back included."""
    query = select(func.count()).where(OPEN, Job.state == JobState.QUEUED.value)
    return connection.execute(query).scalar_one()


def count_calculations(connection: Connection) -> tuple[int, int]:
    """Return how many calculations have ended and are kept, and of the last 24 h."""
    at = connection.execute(select(now())).scalar_one()
    # No method of solving has the name of a calculation, and by names there is an
    # index.
    of_calculations = select(func.count()).where(Job.method.in_(CALCULATIONS))
    ended, lately = (
        connection.execute(of_calculations.where(Job.finished_at >= moment))
        for moment in (0.0, at - DAY_SECONDS)
    )
    return ended.scalar_one(), lately.scalar_one()


def _count_callers(connection: Connection) -> int:
    """Step from one caller to the next: there are far fewer than jobs."""
    first = select(func.min(Job.caller).label("caller"))
    found = first.cte("callers", recursive=True)
    behind = (
        select(func.min(Job.caller))
        .where(Job.caller > found.c.caller)
        .correlate(found)
        .scalar_subquery()
    )
    found = found.union_all(select(behind).where(found.c.caller.is_not(None)))
    return connection.execute(select(func.count(found.c.caller))).scalar_one()


def _running(connection: Connection) -> tuple[int, int]:
    """Return how many run, and how many families have begun and not ended."""
    row = connection.execute(
        select(
            func.count(case((Job.children.is_(None), 1))).label("jobs"),
            func.count(case((Job.kind.in_(CAMPAIGNS), 1))).label("campaigns"),
        ).where(OPEN, Job.state == JobState.RUNNING.value)
    ).one()
    return row.jobs, row.campaigns


def _count_since(
    connection: Connection, column: InstrumentedAttribute[Any], moment: float
) -> int:
    query = select(func.count()).where(column >= moment)
    return connection.execute(query).scalar_one()
