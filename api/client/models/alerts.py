"""What is beyond its limit, and the rules that say so."""

from typing import Any

from api.client.models.answer import Answer


class Alert(Answer):
    """One excursion of one subject, by one rule."""

    id: str
    state: str
    kind: str
    severity: str
    message: str
    rule: str
    rule_id: str
    subject: str
    provider: str | None = None
    provider_id: str | None = None
    value: float
    last_value: float
    limit: float | None = None
    count: int
    told: bool
    data: dict[str, Any] = {}
    raised_at: str
    last_at: str
    resolved_at: str | None = None
    resolution: str | None = None
    resolved_by: str | None = None
    acknowledged: bool
    acknowledged_at: str | None = None
    acknowledged_by: str | None = None
    note: str | None = None


class AlertRule(Answer):
    """What is judged, and when it is told."""

    id: str
    name: str
    kind: str
    severity: str
    states: list[str] | None = None
    value: float | None = None
    measure: str | None = None
    window_s: float | None = None
    least: int | None = None
    provider: str | None = None
    provider_id: str | None = None
    category: str | None = None
    queue: str | None = None
    hysteresis: float
    for_s: float
    cooldown_s: float
    enabled: bool
    muted_until: str | None = None
    usual: str | None = None
    open: int
    created_at: str
    updated_at: str
