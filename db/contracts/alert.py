"""Alerts: what a rule may watch, when it is raised, and what is told of it.

A rule of each kind comes to a number for each of its *subjects*: a provider, a queue,
a host. What is beyond the limit for long enough is an alert, one for each rule and
subject, until it is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from db.contracts.payload import Payload

NAME_PATTERN = r"^[^\x00-\x1f\x7f]+$"
MAX_NOTE = 500
MAX_WINDOW_S = 3600
"""Rates and latencies are of no longer than this: each look reads all of it."""


class AlertKind(StrEnum):
    """What a rule watches."""

    STATE = "state"
    """Whether a provider is in one of some states."""
    BUDGET = "budget"
    """The share of a provider's budget that is used."""
    STALENESS = "staleness"
    """How old the newest numbers of a collected provider are."""
    FAILURE_RATE = "failure_rate"
    """The share of a provider's checks that have not succeeded."""
    LATENCY = "latency"
    """How long a provider takes to answer."""
    QUEUE_AGE = "queue_age"
    """How long the job at the head of a queue has waited."""
    WORKER_LOSS = "worker_loss"
    """How many workers that run jobs live; without a number, whether one is gone."""
    DISK = "disk"
    """What is free on the file system of the service's home."""


class Severity(StrEnum):
    """How much an alert matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertState(StrEnum):
    """Whether what an alert tells of goes on."""

    OPEN = "open"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """Why an alert is resolved."""

    OVER = "over"
    """What it tells of is over."""
    BY_HAND = "by_hand"
    """An operator says so."""
    NOT_WATCHED = "not_watched"
    """Its rule is paused or gone, or its subject is."""


class Measure(StrEnum):
    """Which number, where a kind has several."""

    P95 = "p95"
    """A twentieth of the answers took longer."""
    MEAN = "mean"
    SHARE = "share"
    """From 0 to 1."""
    BYTES = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What belongs to the rules of a kind."""

    told: str
    """What its value is."""
    fields: frozenset[str]
    """Of those that not every kind has."""
    needed: frozenset[str] = frozenset()
    low: float = 0.0
    high: float = 1e15
    """Between which values are taken."""
    is_below: bool = False
    """Whether less than the value is worth an alert; else the value, or more."""
    every_s: float = 0.0
    """It is looked at no sooner than this after it was looked at before."""
    measures: tuple[Measure, ...] = ()
    """The first is the usual one."""


OF_PROVIDERS = frozenset({"provider", "category"})
_VALUE = frozenset({"value"})
_LATELY = frozenset({"value", "window_s", "least"})

NATURES: dict[AlertKind, Nature] = {
    AlertKind.STATE: Nature(
        told="whether it is in one of the states",
        fields=OF_PROVIDERS | {"states"},
        needed=frozenset({"states"}),
    ),
    AlertKind.BUDGET: Nature(
        told="the share that is used, from 0 to 1",
        fields=OF_PROVIDERS | _VALUE,
        needed=_VALUE,
        low=0.01,
        high=1.0,
    ),
    AlertKind.STALENESS: Nature(
        told="the age in seconds; without it what the provider itself calls stale",
        fields=OF_PROVIDERS | _VALUE,
        low=1.0,
    ),
    AlertKind.FAILURE_RATE: Nature(
        told="the share that failed, from 0 to 1",
        fields=OF_PROVIDERS | _LATELY,
        needed=_VALUE,
        low=0.001,
        high=1.0,
        every_s=60.0,
    ),
    AlertKind.LATENCY: Nature(
        told="milliseconds",
        fields=OF_PROVIDERS | _LATELY | {"measure"},
        needed=_VALUE,
        low=0.1,
        every_s=60.0,
        measures=(Measure.P95, Measure.MEAN),
    ),
    AlertKind.QUEUE_AGE: Nature(
        told="seconds",
        fields=_VALUE | {"queue"},
        needed=_VALUE,
        low=1.0,
    ),
    AlertKind.WORKER_LOSS: Nature(
        told="the least number of workers that run jobs; without it none may go",
        fields=_VALUE,
        low=1.0,
        high=100_000.0,
        is_below=True,
    ),
    AlertKind.DISK: Nature(
        told="what has to be free, as a share from 0 to 1 or in bytes",
        fields=_VALUE | {"measure"},
        needed=_VALUE,
        low=0.0001,
        is_below=True,
        measures=(Measure.SHARE, Measure.BYTES),
    ),
}
"""The registry of kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """A rule that is there from the first start."""

    name: str
    kind: AlertKind
    severity: Severity
    states: tuple[str, ...] = ()
    value: float | None = None
    hysteresis: float = 0.0
    for_s: float = 0.0
    cooldown_s: float = 300.0
    window_s: float | None = None
    least: int | None = None
    measure: Measure | None = None


USUAL: Mapping[str, Usual] = {
    "provider_offline": Usual(
        name="A provider is offline",
        kind=AlertKind.STATE,
        severity=Severity.CRITICAL,
        states=("offline",),
    ),
    "provider_degraded": Usual(
        name="A provider is degraded",
        kind=AlertKind.STATE,
        severity=Severity.WARNING,
        states=("degraded",),
        for_s=120.0,
    ),
    "budget_low": Usual(
        name="A budget is used up by four fifths",
        kind=AlertKind.BUDGET,
        severity=Severity.WARNING,
        value=0.8,
        hysteresis=0.1,
    ),
    "budget_spent": Usual(
        name="A budget is all but spent",
        kind=AlertKind.BUDGET,
        severity=Severity.CRITICAL,
        value=0.95,
        hysteresis=0.1,
    ),
    "data_stale": Usual(
        name="Collected numbers are stale",
        kind=AlertKind.STALENESS,
        severity=Severity.WARNING,
        for_s=30.0,
    ),
    "failing": Usual(
        name="Half of the checks fail",
        kind=AlertKind.FAILURE_RATE,
        severity=Severity.WARNING,
        value=0.5,
        hysteresis=0.1,
        window_s=3600.0,
        least=10,
    ),
    "slow": Usual(
        name="Answers take long",
        kind=AlertKind.LATENCY,
        severity=Severity.WARNING,
        value=3000.0,
        hysteresis=500.0,
        window_s=900.0,
        least=5,
        measure=Measure.P95,
    ),
    "queue_old": Usual(
        name="Jobs wait long",
        kind=AlertKind.QUEUE_AGE,
        severity=Severity.WARNING,
        value=600.0,
        hysteresis=120.0,
        for_s=60.0,
    ),
    "no_worker": Usual(
        name="No worker lives",
        kind=AlertKind.WORKER_LOSS,
        severity=Severity.CRITICAL,
        value=1.0,
        for_s=60.0,
    ),
    "disk_low": Usual(
        name="The disk fills up",
        kind=AlertKind.DISK,
        severity=Severity.WARNING,
        value=0.1,
        hysteresis=0.02,
        measure=Measure.SHARE,
    ),
    "disk_full": Usual(
        name="The disk is all but full",
        kind=AlertKind.DISK,
        severity=Severity.CRITICAL,
        value=0.03,
        hysteresis=0.01,
        measure=Measure.SHARE,
    ),
}
"""What is worth an alert nearly everywhere. Each may be changed or removed for good."""


class AlertRaised(Payload):
    """Something is beyond a rule's limit."""

    id: str
    rule: str
    """The rule's name."""
    rule_id: str
    alert_type: str
    """The rule's kind."""
    severity: str
    subject: str
    """What it is about, among all that the rule watches."""
    provider: str | None = None
    provider_id: str | None = None
    message: str
    value: float
    limit: float | None = None
    raised_at: str


class AlertResolved(AlertRaised):
    """It is over, or nobody watches it any more."""

    resolution: str
    resolved_at: str
    lasted_s: float
    count: int
    """How many looks have shown it."""


class AlertAcknowledged(AlertRaised):
    """An operator knows of it."""

    acknowledged_by: str
    acknowledged_at: str
    note: str = ""
