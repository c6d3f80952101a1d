"""Alerts and their rules as operators send them and see them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.schedule import Instant, Name
from db.contracts.alert import (
    MAX_NOTE,
    MAX_WINDOW_S,
    AlertKind,
    AlertState,
    Measure,
    Resolution,
    Severity,
)
from db.contracts.kinds.solve import Strict

PLAIN = r"^[^\x00]*$"
MAX_WAIT_S = 30 * 86_400
COOLDOWN_S = 300.0
KindName = Literal[
    "state",
    "budget",
    "staleness",
    "failure_rate",
    "latency",
    "queue_age",
    "worker_loss",
    "disk",
]
SeverityName = Literal["info", "warning", "critical"]
StateName = Literal["online", "degraded", "offline"]
MeasureName = Literal["p95", "mean", "share", "bytes"]
QueueName = Literal["interactive", "standard", "bulk"]
Number = Annotated[float, Field(ge=0, le=1e15)]
Seconds = Annotated[float, Field(ge=0, le=MAX_WAIT_S)]
WindowS = Annotated[float, Field(ge=10, le=MAX_WINDOW_S)]
Least = Annotated[int, Field(ge=1, le=100_000)]
ProviderName = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]
States = Annotated[list[StateName], Field(min_length=1, max_length=3)]


class AlertRuleInput(Strict):
    """What is worth an alert."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "market data is gone",
                    "kind": "state",
                    "category": "market_data",
                    "states": ["offline"],
                    "severity": "critical",
                    "for_s": 120,
                },
                {
                    "name": "bulk jobs wait",
                    "kind": "queue_age",
                    "queue": "bulk",
                    "value": 900,
                    "hysteresis": 60,
                },
            ]
        }
    )

    name: Name
    kind: KindName
    severity: SeverityName = "warning"
    enabled: bool = True
    muted_until: Instant | None = None
    """What is raised before is written and not told."""
    provider: ProviderName | None = None
    """The name or the id of the only one that is watched."""
    category: ProviderName | None = None
    """Of the providers that are watched."""
    queue: QueueName | None = None
    states: States | None = None
    """Of a provider: those that are worth an alert."""
    value: Number | None = None
    """The limit: what is at it or beyond it is worth an alert."""
    measure: MeasureName | None = None
    window_s: WindowS | None = None
    """Of rates and latencies: how much of the past counts; 3600 if it is left out."""
    least: Least | None = None
    """So few checks do not make a rate; 1 if it is left out."""
    hysteresis: Number = 0.0
    """How far within the limit the number has to be for an alert to be over."""
    for_s: Seconds = 0.0
    """How long it has to last to be told."""
    cooldown_s: Seconds = COOLDOWN_S
    """The next alert of a subject is told no sooner than this after the one before."""


class AlertRulePatch(BaseModel):
    """What is to be changed; a field that is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"value": 0.9},
                {"enabled": False},
                {"muted_until": "2026-11-24T08:00:00Z"},
            ]
        },
    )

    # Made, not given: no default is published that could not be sent.
    name: Name = Field(default_factory=str)
    severity: SeverityName = Field(default_factory=lambda: "warning")
    enabled: bool = Field(default_factory=lambda: True)
    muted_until: Instant | None = None
    provider: ProviderName | None = None
    category: ProviderName | None = None
    queue: QueueName | None = None
    states: States | None = None
    value: Number | None = None
    measure: MeasureName | None = None
    window_s: WindowS | None = None
    least: Least | None = None
    hysteresis: Number = 0.0
    for_s: Seconds = 0.0
    cooldown_s: Seconds = COOLDOWN_S


class AlertNote(BaseModel):
    """What an operator has to say."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "they know"}, {}]}
    )

    note: str = Field("", max_length=MAX_NOTE, pattern=PLAIN)


class AlertRuleLinks(BaseModel):
    """Where to go from here."""

    self: str
    alerts: str


class AlertRuleView(BaseModel):
    """A rule; what does not belong to its kind is null."""

    id: str
    usual: str | None
    """Which of the rules it is that are there from the first start."""
    name: str
    kind: AlertKind
    severity: Severity
    enabled: bool
    muted_until: str | None
    provider: str | None
    provider_id: str | None
    category: str | None
    queue: str | None
    states: list[str] | None
    value: float | None
    measure: Measure | None
    window_s: float | None
    least: int | None
    hysteresis: float
    for_s: float
    cooldown_s: float
    open: int
    """How many of its alerts are."""
    created_at: str
    updated_at: str
    links: AlertRuleLinks


class AlertRulePage(BaseModel):
    """Rules, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[AlertRuleView]
    next: str


class AlertLinks(BaseModel):
    """Where to go from here."""

    self: str
    acknowledge: str
    resolve: str
    rule: str
    provider: str | None


class AlertView(BaseModel):
    """An alert."""

    id: str
    state: AlertState
    kind: AlertKind
    severity: Severity
    message: str
    rule: str
    """Its name when the alert was raised."""
    rule_id: str
    subject: str
    """What it is about, among all that its rule watches."""
    provider: str | None
    provider_id: str | None
    value: float
    """By which it was raised; of ``state`` 1."""
    last_value: float
    limit: float | None
    count: int
    """How many looks have shown it."""
    told: bool
    """False where its rule was muted, and no one was told."""
    data: dict[str, Any]
    raised_at: str
    last_at: str
    resolved_at: str | None
    resolution: Resolution | None
    resolved_by: str | None
    acknowledged: bool
    acknowledged_at: str | None
    acknowledged_by: str | None
    note: str | None
    links: AlertLinks


class AlertPage(BaseModel):
    """Alerts, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[AlertView]
    next: str
    unacknowledged: int
    """How many are open and nobody has acknowledged, whatever the page shows."""


class AlertEntry(BaseModel):
    """An alert in the words of the earlier monitor."""

    id: str
    timestamp: str
    provider_id: str | None
    provider: str | None
    alert_type: str
    severity: str
    message: str
    acknowledged: bool
    acknowledged_at: str | None
    acknowledged_by: str | None
    resolved: bool
    resolved_at: str | None


class AcknowledgedView(BaseModel):
    """That it is done, in the words of the earlier monitor."""

    status: Literal["ok"] = "ok"
    message: str
    id: str
    acknowledged: bool
    acknowledged_at: str | None
    timestamp: str
