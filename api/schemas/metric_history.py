"""The service's numbers over time, as callers see them."""

from pydantic import BaseModel

from db.contracts.series import SeriesKind, Tier


class SeriesView(BaseModel):
    """One number that is kept over time."""

    name: str
    kind: SeriesKind
    """What may be said of it in a period."""
    help: str
    unit: str


class SeriesList(BaseModel):
    """All of them."""

    items: list[SeriesView]


class PeriodView(BaseModel):
    """What a series came to in one period."""

    time: str
    """When it began."""
    samples: int
    """0 is a gap: nobody sampled."""
    value: float | None
    """The mean of a gauge or a histogram, what a counter grew by, or a ratio."""
    min: float | None
    max: float | None
    """Of a gauge's samples."""
    count: int | None
    """Of a histogram's observations, as the next three."""
    p50: float | None
    p95: float | None
    p99: float | None


class MetricHistory(BaseModel):
    """A series, period by period, oldest first, gaps included."""

    series: str
    kind: SeriesKind
    unit: str
    tier: Tier
    period_s: int
    items: list[PeriodView]
