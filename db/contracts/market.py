"""The market feed: what is told every ten seconds, and what its model states.

The numbers of the simulation stand here as data, so that they can be shown; what is
computed from them is in ``schedules/market/model.py``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.payload import Payload

TICK_SECONDS = 10
"""Ticks are numbered by the clock: number ``n`` begins ``10 n`` seconds after 1970."""
STALE_SECONDS = 3.0 * TICK_SECONDS
"""Values that are older than this are called stale."""

SIMULATED = "simulated"
"""The source of what the model makes."""
PROVIDER = "provider:"
"""Before the host of an outside source."""


class MarketField(StrEnum):
    """What is told, in this order."""

    DISCOUNT_RATE = "discount_rate"
    INFLATION_RATE = "inflation_rate"
    MARKET_GROWTH = "market_growth"
    TECH_INDEX = "tech_index"
    AI_ADOPTION_RATE = "ai_adoption_rate"


class MarketValues(BaseModel):
    """One number a field; one that the source does not have is left out."""

    model_config = ConfigDict(
        frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    discount_rate: float | None = Field(None, gt=-1, le=10)
    """A year's rate as a fraction: 0.08 is 8 %."""
    inflation_rate: float | None = Field(None, gt=-1, le=10)
    """Growth of prices in a year, as a fraction."""
    market_growth: float | None = Field(None, gt=-1, le=10)
    """Growth of the market in a year, as a fraction."""
    tech_index: float | None = Field(None, gt=0, le=1e9)
    """An index of the sector's prices; that of the model is 100 in the middle."""
    ai_adoption_rate: float | None = Field(None, ge=0, le=1)
    """The share of companies that use it, 0 to 1."""

    def of(self, field: MarketField) -> float | None:
        """Return one of them."""
        value: float | None = getattr(self, field)
        return value


class MarketChanges(BaseModel):
    """By how much each number has changed; left out where one of the two is lacking."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    discount_rate: float | None = None
    inflation_rate: float | None = None
    market_growth: float | None = None
    tech_index: float | None = None
    ai_adoption_rate: float | None = None

    @classmethod
    def between(cls, before: MarketValues | None, after: MarketValues) -> Self:
        """Return the changes, to the digits that the values are told with."""
        return cls(
            **{
                field.value: round(new - old, DECIMALS)
                for field in MarketField
                if before is not None
                and (new := after.of(field)) is not None
                and (old := before.of(field)) is not None
            }
        )


DECIMALS = 6
"""Of what the model tells, and of changes."""


class GapReason(StrEnum):
    """Why a tick has no values."""

    INTERRUPTED = "interrupted"
    """Whoever took the tick has not said what came of it."""
    FORBIDDEN_ADDRESS = "forbidden_address"
    """The provider is where no request may go."""
    UNREACHABLE = "unreachable"
    """It did not answer, or not to the end, in time."""
    BAD_STATUS = "bad_status"
    """Its answer was not 200, nor 304 to what was known."""
    ASKED_TO_WAIT = "asked_to_wait"
    """It said before how long it wants to be left alone."""
    TOO_LARGE = "too_large"
    """Its answer has more bytes than are read."""
    NOT_JSON = "not_json"
    """Its answer is no JSON."""
    NO_VALUE = "no_value"
    """There is no number where a pointer points."""
    OUT_OF_RANGE = "out_of_range"
    """There is a number that the field cannot have."""
    NOT_COLLECTED = "not_collected"
    """Nothing was collected from the watched provider, or there is none so called."""
    STALE = "stale"
    """What was collected from it last is too old."""


class MarketNews(Payload):
    """What is told of every tick."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    sequence: int
    """The tick's number."""
    source: str
    """``simulated``, or ``provider:`` and its host."""
    simulated: bool
    """Whether a model makes the values up."""
    since_s: float | None = None
    """From the last tick with values to this one: 10, or more after a gap."""


class MarketUpdated(MarketNews):
    """A tick with values."""

    values: MarketValues
    changes: MarketChanges
    """Since the last tick with values of the same source."""


class MarketMissed(MarketNews):
    """A tick without."""

    reason: GapReason
    detail: str | None = None
    """The status, or the field."""


@dataclass(frozen=True, slots=True)
class FieldModel:
    """How one field moves: between two bounds, and back to its middle."""

    low: float
    middle: float
    """Half of all time the value is below it."""
    high: float
    spread: float
    """Standard deviation, in the long run, of the logit of where between the bounds the
    value is."""
    half_life_s: float
    """After so long, half of a deviation from the middle is expected to be left."""


HOUR = 3600.0

MODEL: dict[MarketField, FieldModel] = {
    MarketField.DISCOUNT_RATE: FieldModel(0.0, 0.08, 0.2, 0.10, 2 * HOUR),
    MarketField.INFLATION_RATE: FieldModel(-0.02, 0.03, 0.15, 0.12, 4 * HOUR),
    MarketField.MARKET_GROWTH: FieldModel(-0.3, 0.07, 0.4, 0.12, 1 * HOUR),
    MarketField.TECH_INDEX: FieldModel(20.0, 100.0, 500.0, 0.12, 0.5 * HOUR),
    MarketField.AI_ADOPTION_RATE: FieldModel(0.0, 0.55, 1.0, 0.05, 4 * HOUR),
}

# fmt: off
CORRELATION: tuple[tuple[float, ...], ...] = (
    ( 1.00,  0.60, -0.40, -0.35, -0.10),
    ( 0.60,  1.00, -0.30, -0.25, -0.05),
    (-0.40, -0.30,  1.00,  0.70,  0.30),
    (-0.35, -0.25,  0.70,  1.00,  0.40),
    (-0.10, -0.05,  0.30,  0.40,  1.00),
)
"""Of what drives the fields, in their order."""
# fmt: on
