"""Findings with their evidence, and what is done by them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from db.contracts.insight import AutomationName


class Window(BaseModel):
    """What ended between these moments was looked at."""

    start: str
    end: str


class Evidence(BaseModel):
    """What speaks for a finding."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    test: str
    n: int
    """Independent observations: pairs, hours, days."""
    effect: float
    low: float
    high: float
    """The effect's 95 % interval."""
    unit: str
    p: float
    adjusted_p: float
    """By Holm's procedure, over all hypotheses of the run."""
    hypotheses: int
    window: Window
    facts: dict[str, Any]
    """Of the kind; with them how often the kind was right on later data."""


class InsightLinks(BaseModel):
    """Where to go on."""

    self: str


class InsightView(BaseModel):
    """A finding."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    kind: str
    title: str
    description: str
    confidence: float
    """0 to 100."""
    impact_estimate: str
    action_type: str
    priority: str
    state: Literal["open", "ended", "superseded", "stale"]
    """Stale is what nobody has looked at again in time."""
    superseded_by: str | None
    evidence: Evidence
    created_at: str
    seen_at: str
    expires_at: str
    ended_at: str | None
    links: InsightLinks


class InsightPage(BaseModel):
    """Findings, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[InsightView]
    next: str


class AutomationPatch(BaseModel):
    """Switch automations on or off; those left out stay as they are."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"route_auto": True}]}
    )

    route_auto: bool | None = None
    pause_provider: bool | None = None


class AutomationView(BaseModel):
    """One automation."""

    name: AutomationName
    summary: str
    enabled: bool
    changed_by: str | None
    changed_at: str | None


class AutomationsView(BaseModel):
    """All of them."""

    items: list[AutomationView]


class AutomationEntryView(BaseModel):
    """One thing that was done."""

    id: str
    automation: str
    insight: str
    subject: str
    summary: str
    before: Any
    after: Any
    created_at: str
    undone_at: str | None
    undone_by: str | None


class AutomationLog(BaseModel):
    """What was done, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[AutomationEntryView]
    next: str
