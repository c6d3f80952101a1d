"""What was found out, as callers read it."""

from pydantic import BaseModel, ConfigDict

from db.contracts.insight import Confidence, Evidence, InsightState


class InsightView(BaseModel):
    """One finding, with all that it rests on."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    kind: str
    state: InsightState
    title: str
    description: str
    impact: str
    action: str
    priority: str
    evidence: Evidence
    confidence: Confidence
    created_at: str
    since: str
    """Since when it stands without a break."""
    seen_at: str
    """When it was found last."""


class InsightPage(BaseModel):
    """A page of findings, newest first."""

    items: list[InsightView]
    next: str
    """``after`` of the page behind; empty at the end."""
