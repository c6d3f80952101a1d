"""Findings and automations, as they are told."""

from enum import StrEnum

from pydantic import ConfigDict

from db.contracts.payload import Payload


class InsightShort(Payload):
    """A finding, as clients of the earlier overview know it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    title: str
    description: str
    confidence: float
    """0 to 100: how sure, by the test and by how its kind has fared on later data."""
    impact_estimate: str
    action_type: str
    priority: str
    timestamp: str
    """When it was last found."""


class InsightsUpdated(Payload):
    """All findings that hold, surest first."""

    data: list[InsightShort]


class AutomationName(StrEnum):
    """What the service may do by itself."""

    ROUTE_AUTO = "route_auto"
    PAUSE_PROVIDER = "pause_provider"


AUTOMATIONS: dict[AutomationName, str] = {
    AutomationName.ROUTE_AUTO: "Have new solves by the method auto done by the method "
    "that was measured to win at their order.",
    AutomationName.PAUSE_PROVIDER: "Pause an outside provider that fails much more "
    "than it did.",
}
"""All are off until an operator switches them on."""
