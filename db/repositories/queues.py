"""How queues stand: what waits, how fast it goes, and how well that was foretold."""

import math
from dataclasses import dataclass
from statistics import fmean, median, pstdev

from sqlalchemy import Connection, bindparam, case, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.job_state import JobState
from db.engine import now
from db.models import Job, QueuePause
from db.models.job import OPEN, WAITING

RECENT = 100
"""Jobs by which a queue's pace is judged."""
RECENT_SECONDS = 3600.0
SPREAD = 1.6449
"""Standard deviations to either side: nine of ten, were the waits normal."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a queue is worked off, by the jobs that ended last."""

    run_s: float
    """Mean time a job ran."""
    spread_s: float
    """Standard deviation of it."""
    slots: int
    """Jobs that run at once when some wait."""

    def wait(self, ahead: int) -> tuple[float, float]:
        """Return between how many seconds a job with so many ahead should start.

        The jobs ahead run ``slots`` at a time. The sum of their times is taken as
        normal; one more job's time is added above, for how far the running ones are.
        """
        mean = ahead * self.run_s / self.slots
        half = SPREAD * math.sqrt(ahead) * self.spread_s / self.slots
        return max(0.0, mean - half - self.run_s), mean + half + self.run_s + 1.0


@dataclass(frozen=True, slots=True)
class Foretelling:
    """How well starts were foretold, of the jobs that started last."""

    scored: int
    inside: float
    """Share that started in the range they were told; 0 if none was scored."""
    error_s: float
    """Median distance from the middle of the range."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One queue."""

    waiting: int
    running: int
    oldest_age_s: float


def pace_of(connection: Connection, queue: str) -> Pace | None:
    """Return the queue's pace; None if no job of it has ended lately, or it rests."""
    rows = connection.execute(
        select(Job.started_at, Job.finished_at)
        .where(
            Job.state == JobState.SUCCEEDED.value,
            Job.finished_at > now() - RECENT_SECONDS,
            Job.queue == queue,
            Job.started_at.is_not(None),
            Job.children.is_(None),
            ~exists().where(QueuePause.queue == queue),
        )
        .order_by(Job.finished_at.desc())
        .limit(RECENT)
    ).all()
    if not rows:
        return None
    ran = [max(0.0, row.finished_at - row.started_at) for row in rows]
    # As many as ran beside the one that ended last, itself included.
    newest = rows[0]
    beside = sum(
        row.started_at < newest.finished_at and row.finished_at > newest.started_at
        for row in rows
    )
    running = standing_of(connection, queue).running
    return Pace(fmean(ran), pstdev(ran), max(1, running, min(beside, len(rows))))


def standing_of(connection: Connection, queue: str) -> Standing:
    """Return what waits and what runs."""
    waits = (Job.state == JobState.QUEUED.value) & Job.held.is_(False)
    row = connection.execute(
        select(
            func.sum(case((waits, 1), else_=0)).label("waiting"),
            func.sum(case((waits, 0), else_=1)).label("running"),
            func.min(case((waits, Job.available_at))).label("oldest"),
            now().label("at"),
        ).where(
            Job.queue == queue,
            Job.children.is_(None),
            Job.held.is_(False),
            OPEN,
        )
    ).one()
    age = 0.0 if row.oldest is None else max(0.0, row.at - row.oldest)
    return Standing(row.waiting or 0, row.running or 0, age)


def standings(connection: Connection) -> dict[str, Standing]:
    """Return the same of every queue in which something waits or runs."""
    waits = Job.state == JobState.QUEUED.value
    rows = connection.execute(
        select(
            Job.queue,
            func.count(case((waits, 1))).label("waiting"),
            func.count(case((~waits, 1))).label("running"),
            func.min(case((waits, Job.available_at))).label("oldest"),
            now().label("at"),
        )
        .where(
            Job.children.is_(None),
            Job.held.is_(False),
            OPEN,
        )
        .group_by(Job.queue)
    )
    return {
        row.queue: Standing(
            row.waiting,
            row.running,
            0.0 if row.oldest is None else max(0.0, row.at - row.oldest),
        )
        for row in rows
    }


def place_of(connection: Connection, job: Job) -> int:
    """Return how many jobs are taken before this one, as callers take turns."""
    rows = connection.execute(
        select(
            Job.caller,
            func.count().label("total"),
            func.sum(case((Job.order_at < job.order_at, 1), else_=0)).label("earlier"),
        )
        .where(Job.queue == job.queue, WAITING)
        .group_by(Job.caller)
    ).all()
    own = next((int(row.earlier) for row in rows if row.caller == job.caller), 0)
    others = [min(int(row.total), own + 1) for row in rows if row.caller != job.caller]
    return own + sum(others)


def foretelling_of(connection: Connection, queue: str) -> Foretelling:
    """Return how well the starts of the latest jobs were foretold."""
    rows = connection.execute(
        select(Job.started_at, Job.eta_low_at, Job.eta_high_at)
        .where(
            Job.queue == queue,
            Job.eta_high_at.is_not(None),
            Job.started_at.is_not(None),
        )
        .order_by(Job.created_at.desc())
        .limit(RECENT)
    ).all()
    if not rows:
        return Foretelling(0, 0.0, 0.0)
    told = [(row.started_at, row.eta_low_at, row.eta_high_at) for row in rows]
    inside = sum(low <= started <= high for started, low, high in told)
    errors = [abs(started - (low + high) / 2) for started, low, high in told]
    return Foretelling(len(told), inside / len(told), median(errors))


_PAUSED = {
    "queue": bindparam("queue"),
    "paused_at": now(),
    "paused_by": bindparam("by"),
}
_PAUSE = {
    "sqlite": sqlite.insert(QueuePause).values(_PAUSED).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(QueuePause)
    .values(_PAUSED)
    .on_conflict_do_nothing(),
}


def pause(connection: Connection, queue: str, *, by: str) -> None:
    """Let no worker take jobs of the queue; those that run go on. Twice is harmless."""
    statement = _PAUSE[connection.dialect.name]
    connection.execute(statement, {"queue": queue, "by": by})


def resume(connection: Connection, queue: str) -> None:
    """Let workers take jobs of the queue again. Twice is harmless."""
    connection.execute(delete(QueuePause).where(QueuePause.queue == queue))


def paused(connection: Connection) -> dict[str, float]:
    """Return the queues that are paused, and since when."""
    rows = connection.execute(select(QueuePause.queue, QueuePause.paused_at))
    return {row.queue: row.paused_at for row in rows}
