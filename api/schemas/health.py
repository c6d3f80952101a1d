"""How the service is, in the shapes of probes and of the earlier servers."""

from typing import Literal

from pydantic import BaseModel

from api.vitals import Status
from db.contracts.watched import WatchedHealth


class Liveness(BaseModel):
    """That this process answers; says nothing of its parts."""

    status: str = "ok"


class BreakerStanding(BaseModel):
    """The breaker before synchronous solves."""

    state: str
    failures: int
    threshold: int
    last_failure: str | None


class Readiness(BaseModel):
    """Whether jobs can be accepted, and how each part is."""

    status: Literal["ready", "not_ready"]
    components: dict[str, str]
    circuit_breaker: BreakerStanding


class PartStatus(BaseModel):
    """One part that has more to tell than a word."""

    status: str


class SocketStatus(PartStatus):
    """The WebSockets of all processes."""

    active_connections: int


class ProviderCounts(BaseModel):
    """What is watched and not paused: outside services, and the service's own parts."""

    total: int
    """Those included of which nothing is known yet."""
    online: int
    degraded: int
    offline: int


class Components(BaseModel):
    """Parts as words, and as objects where the earlier server had those."""

    api: str
    optimization_engine: str
    """``ok``, ``no_workers``, or ``unknown`` while Redis is away."""
    cache: str
    rate_limiter: str
    circuit_breaker: str
    database: PartStatus
    events: PartStatus
    broker: PartStatus
    scheduler: PartStatus
    websocket: SocketStatus
    providers: ProviderCounts


class HealthMetrics(BaseModel):
    """Numbers of the last five minutes, but for the totals; probes are left out."""

    total_requests: int
    error_rate: float
    """Of requests answered with a 5xx; from 0 to 1."""
    cache_size: int
    active_requests: int
    avg_response_time_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    total_requests_hour: int
    """Checks of the last hour for which a call was made."""
    total_failures_hour: int
    system_health: WatchedHealth
    """By the share of the providers that are online: ``healthy`` from 80 %,
    ``degraded`` from 50 %; where none is watched, how the service itself is."""
    shared: bool
    """False while Redis is away: these are one process' own."""


class ServiceHealth(BaseModel):
    """How the service is."""

    status: Status
    system_status: Literal["operational", "degraded", "down"]
    version: str
    timestamp: str
    last_check: str
    uptime: float
    """Per cent of the minutes of the last day in which it answered well."""
    uptime_seconds: float
    """Since it began to answer without a pause of five minutes."""
    services_online: int
    total_services: int
    components: Components
    metrics: HealthMetrics


class Check(BaseModel):
    """One check of ``application/health+json``."""

    componentType: str  # noqa: N815 - the draft names it so
    status: Literal["pass", "warn", "fail"]
    time: str
    observedValue: float | None = None  # noqa: N815
    observedUnit: str | None = None  # noqa: N815
    output: str | None = None


class HealthJson(BaseModel):
    """The draft's shape: draft-inadarei-api-health-check."""

    status: Literal["pass", "warn", "fail"]
    version: str
    releaseId: str  # noqa: N815
    serviceId: str = "solvequeue"  # noqa: N815
    description: str = "SolveQueue"
    output: str | None = None
    """What somebody should look at."""
    checks: dict[str, list[Check]]


class StatusOnly(BaseModel):
    """Nested once more, for clients that look for it there."""

    status: Status


class ApiHealth(BaseModel):
    """How the service is, in the shape of ``/api/health``."""

    status: Status
    message: str
    data: StatusOnly
    database: str
    version: str
    timestamp: str
