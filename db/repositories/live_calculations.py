"""Calculations bound to the market feed: made, taken with a tick, and ended."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from db.contracts.errors import NotFoundError, QuotaExceededError
from db.contracts.job_state import FINAL_STATES
from db.engine import now
from db.models import Job, LiveCalculation
from db.repositories.endpoints import lock
from db.repositories.paging import Cursor, newest_first


@dataclass(frozen=True, kw_only=True)
class NewLive:
    """A live calculation that a caller wants, checked."""

    id: str
    caller: str
    calculation: str
    parameters: str
    bindings: str
    value_at: str | None
    min_change: float


@dataclass(frozen=True, slots=True)
class EndedJob:
    """How the job of a live calculation ended; a state of None: it is there no more."""

    live_id: str
    job_id: str
    state: str | None
    result: str | None
    error: str | None


def add(
    connection: Connection, new: NewLive, *, expires_s: float, limit: int
) -> LiveCalculation:
    """Record it; raise QuotaExceededError where the caller has too many."""
    lock(connection, f"live calculations of {new.caller}")
    query = select(func.count()).where(
        LiveCalculation.caller == new.caller, LiveCalculation.expires_at > now()
    )
    if connection.execute(query).scalar_one() >= limit:
        raise QuotaExceededError(
            f"you have {limit} live calculations, as many as one caller may have",
            suggestion="Delete one, or have SOLVEQUEUE_LIVE_CALCULATIONS raised.",
        )
    row = connection.execute(
        insert(LiveCalculation)
        .values(
            **vars(new),
            created_at=now(),
            expires_at=now() + expires_s,
            pending=False,
            told=True,
            revaluations=0,
            skips=0,
        )
        .returning(LiveCalculation)
    )
    return LiveCalculation(**row.mappings().one())


def get_live(connection: Connection, live_id: str) -> LiveCalculation:
    """Return the live calculation."""
    found = find_live(connection, live_id)
    if found is None:
        raise NotFoundError(f"there is no live calculation {live_id}")
    return found


def find_live(connection: Connection, live_id: str) -> LiveCalculation | None:
    """Return the live calculation, or None if there is none."""
    return _one(connection, select(LiveCalculation), live_id)


def owner_of(connection: Connection, live_id: str) -> str | None:
    """Return whose it is; None if there is no such one."""
    query = select(LiveCalculation.caller).where(LiveCalculation.id == live_id)
    return connection.execute(query).scalar_one_or_none()


def list_live(
    connection: Connection, *, after: Cursor | None, limit: int, caller: str | None
) -> list[LiveCalculation]:
    """Return them, newest first; ``caller`` is whose, None is anyone's."""
    query = newest_first(
        select(LiveCalculation),
        LiveCalculation.created_at,
        LiveCalculation.id,
        after=after,
        limit=limit,
    )
    if caller is not None:
        query = query.where(LiveCalculation.caller == caller)
    rows = connection.execute(query).mappings()
    return [LiveCalculation(**row) for row in rows]


def delete_live(connection: Connection, live_id: str) -> None:
    """Forget it; its jobs stay."""
    gone = connection.execute(
        delete(LiveCalculation)
        .where(LiveCalculation.id == live_id)
        .returning(LiveCalculation.id)
    )
    if not gone.all():
        raise NotFoundError(f"there is no live calculation {live_id}")


def due(connection: Connection, tick: int, *, limit: int) -> list[str]:
    """Return those that have not been dealt with at this tick, the longest first."""
    query = (
        select(LiveCalculation.id)
        .where(LiveCalculation.expires_at > now(), _is_behind(tick))
        .order_by(func.coalesce(LiveCalculation.tick, 0), LiveCalculation.created_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def claim(connection: Connection, live_id: str, tick: int) -> LiveCalculation | None:
    """Hold one that has not been dealt with at this tick; None if another has."""
    query = select(LiveCalculation).where(
        LiveCalculation.expires_at > now(), _is_behind(tick)
    )
    return _one(connection, query.with_for_update(), live_id)


def skip(
    connection: Connection, held: LiveCalculation, tick: int, *, error: str | None
) -> None:
    """Write that the tick brings no job, and why if that is a fault."""
    _write(connection, held.id, tick=tick, skips=held.skips + 1, error=error)


def set_job(
    connection: Connection,
    held: LiveCalculation,
    tick: int,
    *,
    job_id: str,
    numbers: str,
) -> None:
    """Write which job the tick has brought."""
    _write(
        connection,
        held.id,
        tick=tick,
        numbers=numbers,
        job=job_id,
        job_tick=tick,
        pending=True,
        revaluations=held.revaluations + 1,
    )


def ended(connection: Connection, *, limit: int) -> list[EndedJob]:
    """Return jobs whose end has still to be recorded."""
    query = (
        select(
            LiveCalculation.id.label("live_id"),
            LiveCalculation.job.label("job_id"),
            Job.state,
            Job.result,
            Job.error,
        )
        .outerjoin(Job, Job.id == LiveCalculation.job)
        .where(
            LiveCalculation.pending,
            or_(Job.id.is_(None), Job.state.in_(FINAL_STATES)),
        )
        .limit(limit)
    )
    return [EndedJob(**row) for row in connection.execute(query).mappings()]


def hold_pending(connection: Connection, of: EndedJob) -> LiveCalculation | None:
    """Hold one whose job's end has still to be recorded; None if another has."""
    query = select(LiveCalculation).where(
        LiveCalculation.job == of.job_id, LiveCalculation.pending
    )
    return _one(connection, query.with_for_update(), of.live_id)


def record_outcome(
    connection: Connection,
    held: LiveCalculation,
    *,
    outcome: str | None,
    value: float | None,
    elapsed_s: float,
) -> LiveCalculation:
    """Write what its job came to."""
    return _write(
        connection,
        held.id,
        pending=False,
        outcome=outcome,
        value=value,
        value_before=held.value,
        outcome_tick=held.job_tick,
        outcome_job=held.job,
        outcome_at=now(),
        elapsed_s=elapsed_s,
        ended_at=now(),
        error=None,
        told=False,
    )


def record_error(
    connection: Connection, held: LiveCalculation, error: str
) -> LiveCalculation:
    """Write why its job came to nothing; what it came to before stays."""
    return _write(
        connection, held.id, pending=False, ended_at=now(), error=error, told=False
    )


def untold(connection: Connection, *, limit: int) -> list[LiveCalculation]:
    """Return those whose latest end the channel has not taken, oldest first."""
    query = select(LiveCalculation).where(LiveCalculation.told.is_(False))
    rows = connection.execute(query.order_by(LiveCalculation.ended_at).limit(limit))
    return [LiveCalculation(**row) for row in rows.mappings()]


def set_told(connection: Connection, told: LiveCalculation) -> None:
    """Note that the channel has taken this end, unless there is another by now."""
    connection.execute(
        update(LiveCalculation)
        .where(LiveCalculation.id == told.id, LiveCalculation.ended_at == told.ended_at)
        .values(told=True)
    )


def forget_expired(connection: Connection, *, older_than_seconds: float) -> int:
    """Delete those that expired so long ago; return how many."""
    deleted = connection.execute(
        delete(LiveCalculation).where(
            LiveCalculation.expires_at < now() - older_than_seconds
        )
    )
    return deleted.rowcount


def _is_behind(tick: int) -> Any:
    return or_(LiveCalculation.tick.is_(None), LiveCalculation.tick < tick)


def _one(
    connection: Connection, query: Select[LiveCalculation], live_id: str
) -> LiveCalculation | None:
    found = connection.execute(query.where(LiveCalculation.id == live_id))
    row = found.mappings().one_or_none()
    return None if row is None else LiveCalculation(**row)


def _write(connection: Connection, live_id: str, **values: object) -> LiveCalculation:
    row = connection.execute(
        update(LiveCalculation)
        .where(LiveCalculation.id == live_id)
        .values(**values)
        .returning(LiveCalculation)
    )
    return LiveCalculation(**row.mappings().one())
