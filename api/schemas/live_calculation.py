"""Calculations bound to the market feed, as callers make and see them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.errors import ErrorRecord
from db.contracts.live_calculation import (
    DEFAULT_EXPIRY_SECONDS,
    MAX_BINDINGS,
    MAX_EXPIRY_SECONDS,
)
from db.contracts.market import MarketField

PointerText = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^/")]
FieldName = Literal[
    "discount_rate", "inflation_rate", "market_growth", "tech_index", "ai_adoption_rate"
]


class LiveSubmission(BaseModel):
    """Ask for a calculation that is done again with each tick of the market feed."""

    model_config = ConfigDict(
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                {
                    "calculation": "npv",
                    "parameters": {
                        "cash_flows": [100000, 120000, 140000, 160000, 180000],
                        "initial_investment": 500000,
                    },
                    "bindings": {"/discount_rate": "discount_rate"},
                    "value": "/npv",
                    "min_change": 0.001,
                    "expires_s": 3600,
                }
            ]
        },
    )

    calculation: str = Field(min_length=1, max_length=64, pattern=r"^\w+$")
    """One of ``GET /v1/calculations``."""
    parameters: dict[str, Any]
    """As that calculation has them; what is bound may be left out."""
    bindings: dict[PointerText, FieldName] | None = Field(
        None, min_length=1, max_length=MAX_BINDINGS
    )
    """From JSON pointers into the parameters to fields of the feed; without it, all
    parameters that are named as fields are."""
    value: PointerText | None = None
    """Where in the outcome the number is whose change is told; without it the first."""
    min_change: float = Field(0.0, ge=0, le=1)
    """It is not done again while no bound number has changed by more than this share
    of itself."""
    expires_s: float = Field(DEFAULT_EXPIRY_SECONDS, gt=0, le=MAX_EXPIRY_SECONDS)
    """Seconds from now on for which it lives."""


class Described(BaseModel):
    """What is described by its docstrings."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class LiveOutcome(Described):
    """What it came to last."""

    tick: int
    """The tick whose numbers it was calculated with."""
    job: str
    """The job that did it."""
    outcome: dict[str, Any] | None
    value: float | None
    """The watched number."""
    value_before: float | None
    """The same of the outcome before."""
    change: float | None
    ended_at: str


class LiveLinks(Described):
    """Where to go from here."""

    self: str
    job: str | None
    """The latest of its jobs."""


class LiveView(Described):
    """One live calculation."""

    id: str
    calculation: str
    parameters: dict[str, Any]
    bindings: dict[str, MarketField]
    value: str | None
    min_change: float
    state: Literal["live", "expired"]
    created_at: str
    expires_at: str
    tick: int | None
    """The latest tick that was dealt with."""
    pending: bool
    """Whether its latest job has not ended, or its end is not recorded yet."""
    revaluations: int
    """Jobs that ticks have brought."""
    skips: int
    """Ticks that brought none: nothing changed enough, or the job before was under
    way."""
    latest: LiveOutcome | None
    error: ErrorRecord | None
    """Why the latest tick came to nothing, if it was to come to something."""
    links: LiveLinks


class LivePage(Described):
    """Live calculations, newest first. An empty ``next`` is the end, and only that."""

    items: list[LiveView]
    next: str
