"""Whose turn it is: queues are shared fairly between callers, and nothing starves.

Of the callers that have jobs waiting, the one that has had the fewest is next; of its
jobs, the one that counts as sent earliest. A caller who comes back, or comes new,
starts level with those who wait: what it did not use is not saved up.
"""

from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Insert,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.job_kind import Queue
from db.contracts.job_state import JobState
from db.engine import now
from db.models import ApiKey, Job, QueuePause, Share
from db.models.job import OPEN, WAITING

CALLERS_TRIED = 8
ANY_NUMBER = 2**53

_WAITS = (Job.queue == bindparam("queue"), WAITING)
_RUNNING = (
    select(func.count())
    .select_from(Job)
    .where(
        OPEN,
        Job.state == JobState.RUNNING.value,
        Job.queue == bindparam("queue"),
        Job.caller == Share.caller,
        Job.children.is_(None),
    )
    .scalar_subquery()
)
_OF_ITS_KEYS = (
    select(func.max(ApiKey.max_running))
    .where(
        ApiKey.caller == Share.caller,
        # Said, so that the index is used which has few keys or none.
        ApiKey.max_running.is_not(None),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
    )
    .scalar_subquery()
)
_LIMITED = exists().where(
    ApiKey.caller == Share.caller, ApiKey.max_running.is_not(None)
)
_WAITING_CALLERS = (
    select(Share.caller)
    .where(
        Share.queue == bindparam("queue"),
        exists().where(*_WAITS, Job.caller == Share.caller, Job.available_at <= now()),
        ~exists().where(QueuePause.queue == bindparam("queue")),
    )
    .order_by(Share.served, Share.caller)
    .limit(CALLERS_TRIED)
)
# What runs is counted only of those that have a limit.
_NEXT_CALLERS = _WAITING_CALLERS.where(
    or_(~_LIMITED, func.coalesce(_OF_ITS_KEYS, ANY_NUMBER) > _RUNNING)
)
_NEXT_CALLERS_BELOW = _WAITING_CALLERS.where(
    func.coalesce(_OF_ITS_KEYS, bindparam("max_running")) > _RUNNING
)
_NEXT_JOB = (
    select(Job.id)
    .where(*_WAITS, Job.caller == bindparam("caller"), Job.available_at <= now())
    .order_by(Job.order_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_SERVE = (
    update(Share)
    .where(Share.queue == bindparam("of_queue"), Share.caller == bindparam("of_caller"))
    .values(served=Share.served + 1)
)
_LEAST_WAITING = (
    select(func.min(Share.served))
    .where(
        Share.queue == bindparam("queue"),
        exists().where(*_WAITS, Job.caller == Share.caller),
    )
    .scalar_subquery()
)
# Where nobody waits: below the most, who was alone would pay for it when it comes back.
_MOST = (
    select(func.max(Share.served))
    .where(Share.queue == bindparam("queue"))
    .scalar_subquery()
)
_LEVEL = func.coalesce(_LEAST_WAITING, _MOST, 0.0)

_ENTER = {"queue": bindparam("queue"), "caller": bindparam("caller"), "served": _LEVEL}


def _enter(insert: sqlite.Insert | postgresql.Insert) -> Insert:
    statement = insert.values(_ENTER)
    return statement.on_conflict_do_update(
        index_elements=["queue", "caller"],
        set_={"served": statement.excluded.served},
        where=Share.served < statement.excluded.served,
    )


_ENTERS = {
    "sqlite": _enter(sqlite.insert(Share)),
    "postgresql": _enter(postgresql.insert(Share)),
}


# Held against being forgotten, and not against being counted: of callers who send much
# every submission would wait for all others' commits.
_STANDING = (
    select(Share.served, _LEVEL.label("level"))
    .where(Share.queue == bindparam("queue"), Share.caller == bindparam("caller"))
    .with_for_update(read=True, key_share=True)
)


def enter_queue(connection: Connection, queue: str, caller: str) -> None:
    """Let the caller take part, level with those who wait; then its jobs may wait."""
    entering = {"queue": queue, "caller": caller}
    standing = connection.execute(_STANDING, entering).one_or_none()
    if standing is None or standing.served < standing.level:
        connection.execute(_ENTERS[connection.dialect.name], entering)


@dataclass(frozen=True, slots=True)
class Turn:
    """A job that is next, locked until the transaction's end, and whose it is."""

    job_id: str
    queue: str
    caller: str


def take_turn(
    connection: Connection, queue: str, *, max_running: int = 0
) -> Turn | None:
    """Return the job that is next in the queue; who claims it has it counted.

    None if nobody's is, or while the queue is paused.
    ``max_running`` is how many jobs of one caller may run at once; 0 is any number.
    A caller's keys may say otherwise: of several limits the largest holds.
    """
    query = _NEXT_CALLERS_BELOW if max_running else _NEXT_CALLERS
    asked: dict[str, str | int] = {"queue": queue}
    if max_running:
        asked["max_running"] = max_running
    for caller in connection.execute(query, asked).scalars().all():
        its = {"queue": queue, "caller": caller}
        # None where other workers are just taking all that this caller has.
        job_id = connection.execute(_NEXT_JOB, its).scalar_one_or_none()
        if job_id is not None:
            return Turn(job_id, queue, caller)
    return None


def count_turn(connection: Connection, turn: Turn) -> None:
    """Count the caller as served: the last that a transaction does.

    All that claim jobs of one caller wait here for each other, until the commit.
    """
    connection.execute(_SERVE, {"of_queue": turn.queue, "of_caller": turn.caller})


def waiting_jobs(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many jobs wait for a worker, by queue and caller."""
    rows = connection.execute(
        select(Job.queue, Job.caller, func.count().label("total"))
        .where(
            Job.queue.in_(Queue),
            WAITING,
        )
        .group_by(Job.queue, Job.caller)
    )
    return {(row.queue, row.caller): row.total for row in rows}


def forget_absent(connection: Connection) -> None:
    """Delete the shares of callers who have nothing waiting: they come back level."""
    waiting = exists().where(
        Job.queue == Share.queue,
        WAITING,
        Job.caller == Share.caller,
    )
    absent = select(Share.queue, Share.caller).where(~waiting)
    held = connection.execute(absent.with_for_update(skip_locked=True)).all()
    for queue, caller in held:
        # Asked again: a job may have come before the share was held.
        connection.execute(
            delete(Share).where(Share.queue == queue, Share.caller == caller, ~waiting)
        )
