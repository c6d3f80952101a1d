"""Ticks as rows become ticks as callers see them."""

from api.schemas.market import MarketView, TickView
from db.contracts.event import timestamp
from db.contracts.market import (
    STALE_SECONDS,
    TICK_SECONDS,
    GapReason,
    MarketChanges,
    MarketField,
    MarketValues,
)
from db.models import MarketTick
from db.repositories import market


def tick_view(tick: MarketTick, fields: frozenset[MarketField]) -> TickView:
    """Return a tick with these of its values."""
    return TickView(
        sequence=tick.sequence,
        time=timestamp(tick.due_at),
        source=tick.source,
        simulated=tick.simulated,
        values=None if tick.gap is not None else chosen(tick, fields),
        gap=None if tick.gap is None else GapReason(tick.gap),
        gap_detail=tick.gap_detail,
        missed=tick.missed,
    )


def market_view(
    tick: MarketTick, before: MarketTick | None, last: MarketTick, *, time: float
) -> MarketView:
    """Return the latest values; ``last`` is the latest tick, with values or without."""
    age_s = max(0.0, time - tick.due_at)
    values = market.values_of(tick)
    old = None
    if before is not None and before.source == tick.source:
        old = market.values_of(before)
    return MarketView(
        sequence=tick.sequence,
        time=timestamp(tick.due_at),
        age_s=round(age_s, 3),
        stale=age_s > STALE_SECONDS,
        source=tick.source,
        simulated=tick.simulated,
        values=values,
        changes=MarketChanges.between(old, values),
        since_s=None
        if before is None
        else float((tick.sequence - before.sequence) * TICK_SECONDS),
        latest=tick_view(last, frozenset(MarketField)),
    )


def chosen(tick: MarketTick, fields: frozenset[MarketField]) -> MarketValues:
    """Return these of the tick's values."""
    values = market.values_of(tick)
    return values.model_copy(
        update={field.value: None for field in MarketField if field not in fields}
    )
