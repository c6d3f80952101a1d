"""Queues as callers see them."""

from pydantic import BaseModel


class ForetellingView(BaseModel):
    """How well the service foretold when jobs would start, scored afterwards."""

    scored: int
    """Of the latest jobs, those that were told a range."""
    inside: float
    """The share that started within it."""
    median_error_s: float
    """From the middle of the range."""


class QueueStanding(BaseModel):
    """One queue."""

    name: str
    waiting: int
    running: int
    oldest_age_s: float
    mean_run_s: float | None
    """Of the jobs that ended last; null if none did within the hour, or it rests."""
    paused_at: str | None
    """Since when workers take none of its jobs; null if they do."""
    slots: int | None
    """How many of its jobs run at once."""
    eta: ForetellingView


class QueueList(BaseModel):
    """All queues that hold jobs."""

    items: list[QueueStanding]
