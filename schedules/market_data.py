"""The market feed: one tick every ten seconds, whoever and however many tick.

The tick's number is its primary key: who inserts it first reads the source and fills
it in. What nobody was there to take stays a gap; nothing is made up afterwards.
"""

import logging
import time

from db.alerting import apply_thresholds
from db.announcement import tell_noted
from db.backplane import Backplane
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.errors import UnavailableError
from db.contracts.event import EventType
from db.contracts.market import (
    TICK_SECONDS,
    GapReason,
    MarketChanges,
    MarketMissed,
    MarketUpdated,
)
from db.contracts.settings import Settings
from db.contracts.threshold import MARKET
from db.engine import Database
from db.models import MarketTick
from db.repositories import market
from db.repositories.notices import Noted
from schedules.market import live
from schedules.market.provider import Provider
from schedules.market.simulation import Simulation
from schedules.market.source import GapError, Source
from schedules.market.watched import Watched

logger = logging.getLogger(__name__)


def tick(backplane: Backplane) -> None:
    """Take the tick that it is time for, unless somebody has."""
    settings = backplane.settings
    if not settings.market_feed:
        return
    with backplane.database.reading() as connection:
        standing = market.standing(connection)
    if standing.is_due:
        take_tick(backplane, standing.number, source_of(settings, backplane.database))
    live.keep_up(backplane)


def take_tick(backplane: Backplane, number: int, source: Source) -> MarketTick | None:
    """Record the tick of this number and tell of it; None if somebody else does."""
    with backplane.database.transaction() as connection:
        taken = market.take(
            connection, number, source=source.label, simulated=source.is_simulated
        )
        before = market.latest(connection, before=number)
    if taken is None:
        return None
    noted: list[Noted] = []
    try:
        # Outside of any transaction: a provider may take its time.
        reading = source.read(number, before)
    except GapError as gap:
        with backplane.database.transaction() as connection:
            filled = market.leave_empty(connection, number, gap.reason, gap.detail)
    else:
        with backplane.database.transaction() as connection:
            filled = market.fill(
                connection, number, reading.values, validator=reading.validator
            )
            noted = apply_thresholds(
                connection, MARKET, reading.values.model_dump(), filled.due_at
            )
    _tell(backplane, filled, before)
    tell_noted(backplane, noted)
    return filled


def source_of(settings: Settings, database: Database) -> Source:
    """Return what the settings name: a provider, or else the model."""
    if settings.market_watched:
        return Watched(settings.market_watched, database)
    if settings.market_provider_url.get_secret_value():
        return Provider(settings)
    return Simulation(settings.market_seed)


def _tell(backplane: Backplane, told: MarketTick, before: MarketTick | None) -> None:
    """Tell the channel; the row is the record of what it does not hear."""
    draft = ChannelDraft(
        channel=ChannelName.MARKET_DATA,
        type=EventType.MARKET_UPDATED if told.gap is None else EventType.MARKET_MISSED,
        payload=_updated(told, before) if told.gap is None else _missed(told, before),
        id=f"evt_market.{told.sequence}",
        time=time.time(),
    )
    try:
        backplane.channels.publish([draft])
    except UnavailableError:
        logger.warning("channel waits", extra={"action": "market_untold"})


def _updated(told: MarketTick, before: MarketTick | None) -> MarketUpdated:
    # Between two sources there is a step, but no change.
    old = None
    if before is not None and before.source == told.source:
        old = market.values_of(before)
    values = market.values_of(told)
    return MarketUpdated(
        sequence=told.sequence,
        source=told.source,
        simulated=told.simulated,
        values=values,
        changes=MarketChanges.between(old, values),
        since_s=_since(told, before),
    )


def _missed(told: MarketTick, before: MarketTick | None) -> MarketMissed:
    return MarketMissed(
        sequence=told.sequence,
        source=told.source,
        simulated=told.simulated,
        reason=GapReason(told.gap or GapReason.INTERRUPTED),
        detail=told.gap_detail,
        since_s=_since(told, before),
    )


def _since(told: MarketTick, before: MarketTick | None) -> float | None:
    if before is None:
        return None
    return float((told.sequence - before.sequence) * TICK_SECONDS)
