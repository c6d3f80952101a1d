"""How the service and its parts stand, as events of channels tell it.

Words and shapes are those that clients of the earlier servers read.
"""

from pydantic import BaseModel


class LiveMetrics(BaseModel):
    """What the service does and has done; an average of nothing is 0.

    In the words of the earlier overview.
    """

    total_clients: int
    """Distinct callers whose jobs are kept."""
    active_calls: int
    """Jobs that run."""
    calls_today: int
    """Jobs accepted since midnight, UTC; those that others are made of included."""
    monthly_call_volume: int
    """The same of the last thirty days."""
    revenue_today: float
    """What jobs cost that have succeeded since midnight, UTC."""
    success_rate: float
    """Per cent of the solves that succeeded or failed."""
    ai_optimization_score: float
    """Mean quality of solutions, per cent: best known objective over the one found."""
    system_uptime: float
    """Per cent of the minutes of the last day in which the service was well."""
    agents_active: int | None = None
    """Workers that live; absent while nobody knows."""
    campaigns_running: int
    """Batches and benchmarks that have begun and not ended."""
    last_updated: str


class SystemMetrics(BaseModel):
    """What is watched and not paused: outside services, and the service's own parts."""

    total_providers: int = 0
    """Those included of which nothing is known yet."""
    online_count: int = 0
    degraded_count: int = 0
    offline_count: int = 0
    avg_response_time_ms: float = 0.0
    """Of the answers of the last hour; 0 where there was none."""
    total_requests_hour: int = 0
    """Checks of the last hour for which a call was made."""
    total_failures_hour: int = 0
    system_health: str
    """``healthy`` where 80 % of the providers are online, ``degraded`` from 50 %, else
    ``critical``; where none is watched, how the service itself is."""


class SocketMetrics(BaseModel):
    """Numbers that go with the word for how the service is."""

    active_connections: int
    cache_hit_rate: float
    """From 0 to 1."""
    uptime_seconds: float


class OverviewHealth(BaseModel):
    """How the service is, for clients of the earlier overview."""

    status: str
    uptime: float
    """Per cent."""
    services_online: int
    total_services: int
    last_check: str


class SystemHealth(BaseModel):
    """How the service is, for clients of two of the earlier servers."""

    status: str
    metrics: SocketMetrics
    data: OverviewHealth


class CacheStanding(BaseModel):
    """One cache, of all processes."""

    size: int
    max_size: int
    hit_count: int
    miss_count: int
    hit_rate: float
    """From 0 to 1."""
    ttl_seconds: float


class RevenueSummary(BaseModel):
    """What the kept calculations are worth, at the prices of the settings."""

    total_revenue: float
    base_revenue: float
    """Of each."""
    premium_revenue: float
    """On top, of those of the last 24 hours."""
    projected_monthly: float
    """Of thirty days like the last."""


class CalculationMetrics(BaseModel):
    """What calculations have come to, in the words of the earlier calculator."""

    total_calculations: int
    """Those that have ended and are kept."""
    last_24h_calculations: int
    average_processing_time_ms: float
    """Of the latest, those that were not shared."""
    success_rate: float
    """Of the latest, from 0 to 1."""
    revenue_summary: RevenueSummary


class QueueShort(BaseModel):
    """One queue, in short."""

    name: str
    waiting: int
    running: int
    oldest_age_s: float
    paused: bool
