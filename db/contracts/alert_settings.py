"""The settings of alerts, which are a part of all settings."""

from pydantic import Field
from pydantic_settings import BaseSettings


class AlertSettings(BaseSettings):
    """Whether rules are judged, how many there may be, and how long alerts are kept."""

    alerts: bool = True
    alert_rules: int = Field(200, ge=1)
    # How long alerts are kept once they are resolved.
    alert_days: float = Field(90.0, gt=0)
