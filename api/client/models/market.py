"""The market feed."""

from api.client.models.answer import Answer


class Tick(Answer):
    """Values of one moment, or why there are none."""

    sequence: int
    time: str
    source: str
    simulated: bool
    missed: int
    values: dict[str, float | None] | None = None
    gap: str | None = None
    gap_detail: str | None = None


class MarketState(Answer):
    """The latest values, and how old they are."""

    sequence: int
    time: str
    source: str
    simulated: bool
    stale: bool
    age_s: float
    since_s: float | None = None
    values: dict[str, float | None]
    changes: dict[str, float | None]
    latest: Tick


class FieldModel(Answer):
    """What is stated of one value."""

    field: str
    low: float
    middle: float
    high: float
    spread: float
    half_life_s: float


class MarketModel(Answer):
    """By which process a simulated market moves."""

    process: str = ""
    step_s: int
    fields: list[FieldModel]
    correlation: list[list[float]]
