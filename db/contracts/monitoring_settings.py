"""Settings of what the service tells of itself, which are a part of all settings."""

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings


class MonitoringSettings(BaseSettings):
    """What this installation is for, and how much is kept of what beat starts."""

    # What it is called at /info, such as production or staging.
    environment: str = Field(
        "development",
        max_length=50,
        validation_alias=AliasChoices("SOLVEQUEUE_ENVIRONMENT", "QAP_ENV"),
    )

    # Counts by hour, and the runs that were late, failed, triggered or after a gap.
    beat_run_days: float = Field(35.0, gt=0)
    # Of each schedule: its latest runs, whatever came of them, and how many of those
    # that are told for their own sake.
    beat_runs_latest: int = Field(50, ge=1, le=10_000)
    beat_runs_noted: int = Field(1000, ge=1)
