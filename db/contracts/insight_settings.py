"""The settings of findings, which are a part of all settings."""

from pydantic import Field
from pydantic_settings import BaseSettings


class InsightSettings(BaseSettings):
    """Whether the history is looked at, how much of it, and how long findings stay."""

    insights: bool = True
    # How far back is looked.
    insight_window_days: float = Field(28.0, ge=1, le=366)
    # How long findings are kept once they do not hold any more.
    insight_days: float = Field(90.0, gt=0)
