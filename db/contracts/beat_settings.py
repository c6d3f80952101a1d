"""The settings of what is kept of beat's runs, which are a part of all settings."""

from pydantic import Field
from pydantic_settings import BaseSettings


class BeatSettings(BaseSettings):
    """How long, and how much."""

    # Counts by hour, and the runs that were late, failed, triggered or after a gap.
    beat_run_days: float = Field(35.0, gt=0)
    # Of each schedule: its latest runs, whatever came of them, and how many of those
    # that are told for their own sake.
    beat_runs_latest: int = Field(50, ge=1, le=10_000)
    beat_runs_noted: int = Field(1000, ge=1)
