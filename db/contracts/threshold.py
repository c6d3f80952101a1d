"""Thresholds: which number a rule watches, when it is raised, and how it stands."""

import re
from dataclasses import dataclass
from enum import StrEnum

from db.contracts.channel import ChannelName
from db.contracts.market import MarketField


class Condition(StrEnum):
    """What of a number is worth telling."""

    ABOVE = "above"
    """It is greater than ``value``."""
    BELOW = "below"
    """It is less than ``value``."""
    OUTSIDE = "outside"
    """It is less than ``low`` or greater than ``high``."""
    CHANGE_BY = "change_by"
    """It differs by ``value`` or more from what it was when that was told last."""


class ThresholdState(StrEnum):
    """How a rule stands."""

    ARMED = "armed"
    """It waits for an excursion."""
    RAISED = "raised"
    """An excursion was told, and is not over."""
    MUTED = "muted"
    """There is an excursion that is not told: the one before was told a moment ago."""


class Change(StrEnum):
    """What is to be told of one judgement."""

    NOTHING = "nothing"
    RAISED = "raised"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a rule is raised, and when it may be again."""

    condition: Condition
    value: float | None = None
    low: float | None = None
    high: float | None = None
    hysteresis: float = 0.0
    """How far within its limit a number has to be for an excursion to be over."""
    cooldown_s: float = 0.0
    """It is raised no sooner than this after it was raised before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a rule has seen."""

    state: ThresholdState = ThresholdState.ARMED
    last_value: float | None = None
    reference: float | None = None
    """What changes are measured from."""
    judged_at: float | None = None
    """The moment of the number that was judged last."""
    raised_at: float | None = None
    resolved_at: float | None = None
    raises: int = 0
    suppressed: int = 0
    """Excursions that began while it was muted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a rule stands after a number, and what is to be told of that."""

    standing: Standing
    change: Change = Change.NOTHING


@dataclass(frozen=True, slots=True)
class Lasting:
    """What a rule has seen that is raised by what lasts."""

    standing: Standing = Standing()
    beyond_since: float | None = None
    """Since when a number is beyond the limit that has not been raised by it yet."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that has numbers to watch."""

    channel: ChannelName
    """Where what is told of it belongs."""
    fields: tuple[str, ...] = ()
    """What may be watched; where it is empty, a JSON pointer says what."""


MARKET = "market"
CALCULATION = "calculation"
SOURCES: dict[str, Source] = {
    MARKET: Source(ChannelName.MARKET_DATA, tuple(MarketField)),
    CALCULATION: Source(ChannelName.CALCULATIONS),
}
"""What may be watched, by the word before the colon."""

NAME = re.compile(r"[a-z]+_[0-9a-f]{32}")
"""What one source of several is called."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Which number of which source."""

    source: str
    """``market``, or ``calculation:`` and an id."""
    pointer: str

    @property
    def kind(self) -> Source:
        """What sort of source it is."""
        return SOURCES[self.source.partition(":")[0]]

    @property
    def name(self) -> str:
        """What it is called among several of its sort; empty where there is one."""
        return self.source.partition(":")[2]

    @property
    def named(self) -> str:
        """Return it as callers write it, but for the pointer."""
        if self.kind.fields:
            return f"{self.source}:{self.pointer.removeprefix('/')}"
        return self.source
