"""What the history says, and what is done by it."""

from typing import Any

from api.client.models.answer import Answer


class Evidence(Answer):
    """The test behind an insight."""

    test: str
    n: int
    effect: float
    low: float
    high: float
    unit: str
    p: float
    adjusted_p: float
    hypotheses: int
    window: dict[str, str]
    facts: dict[str, Any] = {}


class Insight(Answer):
    """One thing that holds, and how sure that is."""

    id: str
    kind: str
    state: str
    title: str
    description: str
    confidence: float
    impact_estimate: str
    action_type: str
    priority: str
    evidence: Evidence
    superseded_by: str | None = None
    created_at: str
    seen_at: str
    expires_at: str
    ended_at: str | None = None


class Automation(Answer):
    """Something that the service may do by itself."""

    name: str
    summary: str
    enabled: bool
    changed_by: str | None = None
    changed_at: str | None = None


class AutomationEntry(Answer):
    """Something that it did by itself."""

    id: str
    automation: str
    insight: str
    subject: str
    summary: str
    before: Any = None
    after: Any = None
    created_at: str
    undone_at: str | None = None
    undone_by: str | None = None
