"""The service's numbers over time, in three tiers."""

from sqlalchemy import Double, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class MetricPoint(Record):
    """What one series came to in one period."""

    __tablename__ = "metric_point"
    __table_args__ = (Index("ix_metric_point_tier_at", "tier", "at"),)

    series: Mapped[str] = mapped_column(String(100), primary_key=True)
    tier: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[Seconds] = mapped_column(primary_key=True)
    """When the period began."""
    samples: Mapped[int]
    """How many of them there are."""
    total: Mapped[float] = mapped_column(Double())
    """Of a gauge the sum of the samples, of a counter what it grew by, of a histogram
    the sum of what was observed."""
    least: Mapped[float | None] = mapped_column(Double())
    greatest: Mapped[float | None] = mapped_column(Double())
    """Of the samples of a gauge."""
    buckets: Mapped[str | None] = mapped_column(Text)
    """How many observations of a histogram were how large, as JSON."""


class MetricMark(Record):
    """How far sampling is: one row."""

    __tablename__ = "metric_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sampled_at: Mapped[Seconds]
    """When the period of the latest sample began."""
    minute_at: Mapped[Seconds]
    hour_at: Mapped[Seconds]
    """Periods that began before these are rolled up."""
    totals: Mapped[str] = mapped_column(Text)
    """What counters stood at, as JSON: the next sample tells what they grew by."""
