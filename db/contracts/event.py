"""What an event looks like, wherever it is read.

Every event is a CloudEvents 1.0 object in structured JSON. Its bytes are made once:
a draft holds everything but the two fields that only the log can give, the sequence
and the epoch, and the log puts those between ``head`` and ``tail``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

from db.contracts.alert import AlertAcknowledged, AlertRaised, AlertResolved
from db.contracts.calculation_event import (
    CalculationCompleted,
    CalculationFailed,
    CalculationUpdated,
)
from db.contracts.errors import ErrorRecord
from db.contracts.insight import InsightsUpdated
from db.contracts.market import MarketMissed, MarketUpdated
from db.contracts.payload import Payload
from db.contracts.provider import BudgetWarned, LogWritten, ProviderChanged
from db.contracts.service_standing import (
    CacheStanding,
    CalculationMetrics,
    LiveMetrics,
    QueueShort,
    SystemHealth,
    SystemMetrics,
)
from db.contracts.termination import Termination

SEQUENCE_DIGITS = 12
"""CloudEvents wants sequences that sort as text."""
MAX_INLINE_ORDER = 256
"""Up to this order an incumbent event carries its permutation."""

Number = int | float


class EventType(StrEnum):
    """``<noun>.<past verb or noun>``; the payload of each is in ``PAYLOADS``."""

    JOB_QUEUED = "job.queued"
    JOB_STARTED = "job.started"
    JOB_PROGRESS = "job.progress"
    JOB_INCUMBENT = "job.incumbent"
    JOB_BOUND = "job.bound"
    JOB_ATTEMPT_LOST = "job.attempt_lost"
    JOB_SUCCEEDED = "job.succeeded"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    JOB_EXPIRED = "job.expired"
    BATCH_PROGRESS = "batch.progress"
    BATCH_COMPLETED = "batch.completed"
    BENCHMARK_COMPLETED = "benchmark.completed"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"
    METRICS_UPDATED = "metrics.updated"
    SYSTEM_UPDATED = "system.updated"
    QUEUE_UPDATED = "queue.updated"
    NOTIFICATION_SENT = "notification.sent"
    CALCULATION_UPDATED = "calculation.updated"
    CALCULATION_COMPLETED = "calculation.completed"
    CALCULATION_FAILED = "calculation.failed"
    SYSTEM_BROADCAST = "system.broadcast"
    INSIGHTS_UPDATED = "insights.updated"
    MARKET_UPDATED = "market.updated"
    MARKET_MISSED = "market.missed"
    PROVIDER_DOWN = "provider.down"
    PROVIDER_DEGRADED = "provider.degraded"
    PROVIDER_UP = "provider.up"
    LOG_WRITTEN = "log.written"
    BUDGET_WARNED = "budget.warned"
    ALERT_RAISED = "alert.raised"
    ALERT_RESOLVED = "alert.resolved"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"

    @property
    def is_terminal(self) -> bool:
        """Whether it ends its job's log."""
        return self in TERMINAL


TERMINAL = frozenset(
    {
        EventType.JOB_SUCCEEDED,
        EventType.JOB_FAILED,
        EventType.JOB_CANCELLED,
        EventType.JOB_EXPIRED,
        EventType.BATCH_COMPLETED,
        EventType.BENCHMARK_COMPLETED,
    }
)

MILESTONES = TERMINAL | {
    EventType.JOB_QUEUED,
    EventType.JOB_STARTED,
    EventType.JOB_ATTEMPT_LOST,
}
"""Events of jobs that are rows too."""


class JobQueued(Payload):
    """The job was accepted, or given back by a worker that had to go."""

    kind: str
    queue: str
    attempt: int
    reason: str | None = None


class JobStarted(Payload):
    """An attempt has claimed the job."""

    attempt: int
    worker: str


class Progress(Payload):
    """How a run stands: of ``job.progress``, ``job.incumbent`` and ``job.bound``."""

    attempt: int
    method: str
    objective: Number | None = None
    bound: Number | None = None
    bound_name: str | None = None
    gap_to_bound: float | None = None
    best_known: Number | None = None
    gap_to_best_known: float | None = None
    iterations: int
    elapsed_s: float
    permutation: list[int] | None = None
    island: int | None = None
    """Of several that share what they find: who found it, or of ``job.progress`` who
    tells."""
    fraction: float | None = None
    """How much of a calculation is done, from 0 to 1."""
    eta_s: float | None = None
    """In about how many seconds it will have ended, if it goes on as it did."""
    message: str | None = None
    """What it is doing, in words."""


class JobAttemptLost(Payload):
    """An attempt fell silent; the job goes on from its checkpoint elsewhere."""

    attempt: int
    reason: str
    checkpoint_objective: Number | None = None
    """That of the checkpoint in the job's row; the log may have told a lower one."""


class JobEnded(Payload):
    """The end; never more than one in a log."""

    attempt: int
    objective: Number | None = None
    bound: Number | None = None
    gap_to_bound: float | None = None
    best_known: Number | None = None
    gap_to_best_known: float | None = None
    termination: Termination | None = None
    iterations: int | None = None
    elapsed_s: float | None = None
    error: ErrorRecord | None = None
    method: str | None = None
    island: int | None = None
    """What found the permutation, and of several islands which."""
    calculation: str | None = None
    """What was calculated, where it was no solve."""
    cached_from: str | None = None
    """The job that did the work, where this one did not run itself."""


class Counts(BaseModel):
    """A family's jobs, by state."""

    total: int
    waiting: int = 0
    """Not yet offered to workers, by the bound on how many may be open at once."""
    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0

    @property
    def ended(self) -> int:
        """How many will not change any more."""
        return self.succeeded + self.failed + self.cancelled + self.expired


class FamilyProgress(Payload):
    """How far the children of a job are."""

    attempt: int
    counts: Counts
    elapsed_s: float


class FamilyEnded(JobEnded):
    """The end of a job that is made of others."""

    counts: Counts | None = None


class WebhookDisabled(Payload):
    """An endpoint gets nothing more until it is resumed; what it missed is held."""

    endpoint: str
    description: str
    reason: str
    failing_since: str | None = None
    """When the first of the attempts was made that have all failed."""


class WebhookTest(Payload):
    """Its owner wants to see whether an endpoint is reached."""

    endpoint: str
    message: str = "This is a test."


class Notification(Payload):
    """Something that a person may want to know."""

    id: str
    """Under which it is kept."""
    channel: str
    """Where what it tells of belongs."""
    notification_type: str
    level: Literal["info", "success", "warning", "error"]
    message: str
    data: dict[str, Any] = {}


class MetricsUpdated(Payload):
    """What the service does and has done."""

    live: LiveMetrics
    calculations: CalculationMetrics


class SystemUpdated(Payload):
    """How the service and its parts are."""

    system_metrics: SystemMetrics
    alert_count: int | None = None
    """Those that are open and that nobody has acknowledged; absent while unknown."""
    active_websocket_clients: int
    system_health: SystemHealth
    caches: dict[str, CacheStanding]
    """By what is cached."""


class QueueUpdated(Payload):
    """How the queues stand in which jobs wait for workers."""

    items: list[QueueShort]


class SystemBroadcast(Payload):
    """What an operator sends to everyone, to see that it arrives."""

    text: str
    """A JSON object, as it was sent."""


PAYLOADS: dict[EventType, type[Payload]] = {
    EventType.JOB_QUEUED: JobQueued,
    EventType.JOB_STARTED: JobStarted,
    EventType.JOB_PROGRESS: Progress,
    EventType.JOB_INCUMBENT: Progress,
    EventType.JOB_BOUND: Progress,
    EventType.JOB_ATTEMPT_LOST: JobAttemptLost,
    EventType.JOB_SUCCEEDED: JobEnded,
    EventType.JOB_FAILED: JobEnded,
    EventType.JOB_CANCELLED: JobEnded,
    EventType.JOB_EXPIRED: JobEnded,
    EventType.BATCH_PROGRESS: FamilyProgress,
    EventType.BATCH_COMPLETED: FamilyEnded,
    EventType.BENCHMARK_COMPLETED: FamilyEnded,
    EventType.WEBHOOK_DISABLED: WebhookDisabled,
    EventType.WEBHOOK_TEST: WebhookTest,
    EventType.NOTIFICATION_SENT: Notification,
    EventType.METRICS_UPDATED: MetricsUpdated,
    EventType.SYSTEM_UPDATED: SystemUpdated,
    EventType.QUEUE_UPDATED: QueueUpdated,
    EventType.CALCULATION_UPDATED: CalculationUpdated,
    EventType.CALCULATION_COMPLETED: CalculationCompleted,
    EventType.CALCULATION_FAILED: CalculationFailed,
    EventType.SYSTEM_BROADCAST: SystemBroadcast,
    EventType.INSIGHTS_UPDATED: InsightsUpdated,
    EventType.MARKET_UPDATED: MarketUpdated,
    EventType.MARKET_MISSED: MarketMissed,
    EventType.PROVIDER_DOWN: ProviderChanged,
    EventType.PROVIDER_DEGRADED: ProviderChanged,
    EventType.PROVIDER_UP: ProviderChanged,
    EventType.LOG_WRITTEN: LogWritten,
    EventType.BUDGET_WARNED: BudgetWarned,
    EventType.ALERT_RAISED: AlertRaised,
    EventType.ALERT_RESOLVED: AlertResolved,
    EventType.ALERT_ACKNOWLEDGED: AlertAcknowledged,
}


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event before the log has numbered it."""

    id: str
    type: EventType
    job_id: str
    time: float
    """Seconds since 1970, UTC."""
    attempt: int
    data: str
    """The payload's JSON."""
    traceparent: str = ""
    """Of the request that asked for the job; empty where that is not known."""

    @property
    def head(self) -> str:
        """The bytes before the sequence."""
        trace = f'"traceparent":"{self.traceparent}",' if self.traceparent else ""
        return (
            f'{{"specversion":"1.0","id":"{self.id}","source":"/v1/jobs/{self.job_id}",'
            f'"type":"{self.type}","subject":"{self.job_id}",'
            f'"time":"{timestamp(self.time)}",{trace}"sequence":"'
        )

    @property
    def tail(self) -> str:
        """The bytes after the epoch."""
        return event_tail(self.data)

    def render(self, sequence: int, epoch: str) -> str:
        """Return the event as the log stores it and everyone reads it."""
        number = f"{sequence:0{SEQUENCE_DIGITS}d}"
        return f'{self.head}{number}","epoch":"{epoch}{self.tail}'


@dataclass(frozen=True, slots=True)
class Published:
    """An event of a log: its number, its type and its bytes."""

    log: str
    """The job whose log it is, or ``channel:`` and a channel's name."""
    sequence: int
    epoch: str
    type: EventType
    body: str
    owner: str = ""
    """Of a channel's event: the caller who alone may see it; empty is everyone."""


def event_tail(data: str) -> str:
    """Return the bytes of an event after its epoch."""
    return f'","datacontenttype":"application/json","data":{data}}}'


def optional_timestamp(seconds: float | None) -> str | None:
    """Return the same of a moment that there may not be."""
    return None if seconds is None else timestamp(seconds)


def timestamp(seconds: float) -> str:
    """Return RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
