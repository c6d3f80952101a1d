"""The market feed as callers see it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from db.contracts.market import (
    FieldModel,
    GapReason,
    MarketChanges,
    MarketField,
    MarketValues,
)


class Described(BaseModel):
    """What is described by its docstrings."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class TickView(Described):
    """One tick."""

    sequence: int
    """Its number, by the clock: ten seconds each, from 1970 on."""
    time: str
    """When it began."""
    source: str
    """``simulated``, or ``provider:`` and its host."""
    simulated: bool
    """Whether a model makes the values up."""
    values: MarketValues | None
    """None where there is a gap."""
    gap: GapReason | None
    """Why there are no values."""
    gap_detail: str | None
    """The status, or the field."""
    missed: int
    """How many ticks before it went by unrecorded: nobody was there to take them."""


class MarketView(Described):
    """The latest values, and how they stand."""

    sequence: int
    time: str
    """When the tick began that the values are of."""
    age_s: float
    """Since then."""
    stale: bool
    """Whether that is longer than three ticks."""
    source: str
    """``simulated``, or ``provider:`` and its host."""
    simulated: bool
    """Whether a model makes the values up."""
    values: MarketValues
    changes: MarketChanges
    """Since the tick with values before it, of the same source."""
    since_s: float | None
    """How long before that one was."""
    latest: TickView
    """The latest tick, with values or without."""


class TickPage(Described):
    """Ticks, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[TickView]
    next: str


class FieldModelView(Described):
    """How one field is simulated."""

    field: MarketField
    low: float
    middle: float
    """Half of all time the value is below it."""
    high: float
    spread: float
    """Long-run standard deviation of the logit of where between the bounds it is."""
    half_life_s: float
    """After so long, half of a deviation from the middle is expected to be left."""

    @classmethod
    def of(cls, field: MarketField, model: FieldModel) -> "FieldModelView":
        """Return the statement of a field."""
        return cls(
            field=field,
            low=model.low,
            middle=model.middle,
            high=model.high,
            spread=model.spread,
            half_life_s=model.half_life_s,
        )


class ModelView(Described):
    """What the simulation states of itself."""

    process: Literal["logit-ornstein-uhlenbeck"] = "logit-ornstein-uhlenbeck"
    step_s: int
    fields: list[FieldModelView]
    correlation: list[list[float]]
    """Of what drives the fields, in their order."""
