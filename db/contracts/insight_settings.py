"""The settings of insights, which are a part of all settings."""

from pydantic import Field
from pydantic_settings import BaseSettings


class InsightSettings(BaseSettings):
    """Whether there are any, and how long those are kept that stand no more."""

    insights: bool = True
    insight_days: float = Field(90.0, gt=0)
