"""Ticks of the market feed: taken once each, filled in, listed and let go."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.market import TICK_SECONDS, GapReason, MarketField, MarketValues
from db.engine import now
from db.models import MarketTick
from db.repositories.endpoints import lock

_NEWEST = select(MarketTick).order_by(MarketTick.sequence.desc()).limit(1)
_VALUED = _NEWEST.where(MarketTick.gap.is_(None))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the feed stands by the database's clock."""

    time: float
    last: MarketTick | None
    """The latest tick, whether it has values or not."""

    @property
    def number(self) -> int:
        """The tick that it is time for."""
        return int(self.time // TICK_SECONDS)

    @property
    def is_due(self) -> bool:
        """Whether nobody has taken it; nor a later one, should the clock go back."""
        return self.last is None or self.last.sequence < self.number


def standing(connection: Connection) -> Standing:
    """Return what time it is, and what was recorded last."""
    time = connection.execute(select(now())).scalar_one()
    return Standing(time, last(connection))


def last(connection: Connection) -> MarketTick | None:
    """Return the latest tick, whether it has values or not."""
    row = connection.execute(_NEWEST).mappings().one_or_none()
    return None if row is None else MarketTick(**row)


def latest(connection: Connection, *, before: int | None = None) -> MarketTick | None:
    """Return the latest tick that has values; of those before a number, if given."""
    query = _VALUED if before is None else _VALUED.where(MarketTick.sequence < before)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else MarketTick(**row)


def take(
    connection: Connection, number: int, *, source: str, simulated: bool
) -> MarketTick | None:
    """Take the tick, as a gap for now; None if it or a later one is somebody's."""
    # One after the other: a tick that comes late must not follow its successor.
    lock(connection, "ticks of the market feed")
    found = last(connection)
    if found is not None and found.sequence >= number:
        return None
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = connection.execute(
        insert(MarketTick)
        .values(
            sequence=number,
            due_at=float(number * TICK_SECONDS),
            source=source,
            simulated=simulated,
            gap=GapReason.INTERRUPTED.value,
            missed=0 if found is None else number - found.sequence - 1,
            recorded_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(MarketTick)
    )
    taken = row.mappings().one_or_none()
    return None if taken is None else MarketTick(**taken)


def fill(
    connection: Connection,
    number: int,
    values: MarketValues,
    *,
    validator: str | None = None,
) -> MarketTick:
    """Write the values of a tick that was taken."""
    return _write(
        connection, number, gap=None, validator=validator, **values.model_dump()
    )


def leave_empty(
    connection: Connection, number: int, reason: GapReason, detail: str
) -> MarketTick:
    """Write why a tick that was taken has no values."""
    return _write(connection, number, gap=reason.value, gap_detail=detail or None)


def values_of(tick: MarketTick) -> MarketValues:
    """Return the numbers of a tick; of a gap, none."""
    return MarketValues.model_construct(
        **{field.value: getattr(tick, field) for field in MarketField}
    )


@dataclass(frozen=True, slots=True)
class TickFilter:
    """Which ticks are told of; None means any."""

    since: float | None = None
    """The moment of the first, included."""
    until: float | None = None
    """The moment of the last, included."""


def list_ticks(
    connection: Connection, chosen: TickFilter, *, before: int | None, limit: int
) -> list[MarketTick]:
    """Return ticks before a number, newest first."""
    query = select(MarketTick).order_by(MarketTick.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(MarketTick.sequence < before)
    # By their numbers, of which there is an index.
    if chosen.since is not None:
        query = query.where(MarketTick.sequence >= -(-chosen.since // TICK_SECONDS))
    if chosen.until is not None:
        query = query.where(MarketTick.sequence <= chosen.until // TICK_SECONDS)
    return [MarketTick(**row) for row in connection.execute(query).mappings()]


def forget_ticks(connection: Connection, *, older_than_seconds: float) -> int:
    """Delete ticks of long ago, but the latest that has values; return how many."""
    kept = select(func.max(MarketTick.sequence)).where(MarketTick.gap.is_(None))
    deleted = connection.execute(
        delete(MarketTick).where(
            MarketTick.sequence < (now() - older_than_seconds) / TICK_SECONDS,
            MarketTick.sequence != func.coalesce(kept.scalar_subquery(), -1),
        )
    )
    return deleted.rowcount


def _write(connection: Connection, number: int, **values: object) -> MarketTick:
    row = connection.execute(
        update(MarketTick)
        .where(MarketTick.sequence == number)
        .values(**values, recorded_at=now())
        .returning(MarketTick)
    )
    return MarketTick(**row.mappings().one())
