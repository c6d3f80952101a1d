"""How the service stands: queues, workers, health, limits, numbers."""

from typing import Any

from api.client.models.answer import Answer


class Foretelling(Answer):
    """How well starts were foretold."""

    scored: int
    inside: float
    median_error_s: float


class Queue(Answer):
    """What waits, and how fast it goes."""

    name: str
    waiting: int
    running: int
    slots: int | None = None
    oldest_age_s: float
    mean_run_s: float | None = None
    paused_at: str | None = None
    eta: Foretelling


class Worker(Answer):
    """Who lives, and serves which queues."""

    id: str
    name: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    running: int
    version: str
    since: str


class WorkerList(Answer):
    """All who live, and how busy they are."""

    items: list[Worker]
    slots: int
    running: int
    busy_ratio: float


class Health(Answer):
    """How the service is, part by part."""

    status: str
    system_status: str
    version: str
    timestamp: str
    last_check: str
    uptime: float
    uptime_seconds: float
    services_online: int
    total_services: int
    components: dict[str, Any]
    metrics: dict[str, Any]


class Readiness(Answer):
    """Whether all that it needs answers."""

    status: str
    components: dict[str, str]
    circuit_breaker: dict[str, Any]

    @property
    def is_ready(self) -> bool:
        return self.status == "ready"


class FamilyLimit(Answer):
    """How many requests of a family may still be sent."""

    name: str
    capacity: int
    remaining: int
    refill_per_s: float
    window_s: int
    next_s: float


class Limits(Answer):
    """What holds for the caller."""

    caller: str
    is_shared: bool
    families: list[FamilyLimit]
    max_queued: int
    max_queued_in_all: int
    max_running: int
    max_body_bytes: int
    max_order: int
    max_depth: int
    max_digits: int
    max_wait_seconds: float
    body_seconds: float
    request_seconds: float


class Series(Answer):
    """A number that is kept over time."""

    name: str
    kind: str
    help: str
    unit: str


class Period(Answer):
    """What a series came to in one period; a gap has no samples."""

    time: str
    samples: int
    value: float | None = None
    min: float | None = None
    max: float | None = None
    count: int | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class History(Answer):
    """One series, period by period, oldest first."""

    series: str
    kind: str
    unit: str
    tier: str
    period_s: int
    items: list[Period]


class Numbers(Answer):
    """Counts and times of all processes."""

    timestamp: str
    uptime_seconds: float
    total_requests: int
    total_errors: int
    error_rate: float
    requests_per_second: float
    avg_response_time_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    active_requests: int
    status_counts: dict[str, int]
    total_optimizations: int
    method_counts: dict[str, int]
    methods_available: int
    avg_runtime_ms: float
    avg_quality: float
    success_rate: float
    jobs: dict[str, int]
    requests_in_queue: int
    workers: int | None = None
    worker_busy_ratio: float
    cache_hit_rate: float
    stream_clients: int
    webhook_attempts: dict[str, int]
    shared: bool


class LiveNumbers(Answer):
    """How things stand at this moment."""

    total_clients: int
    active_calls: int
    calls_today: int
    monthly_call_volume: int
    success_rate: float
    ai_optimization_score: float
    system_uptime: float
    agents_active: int | None = None
    campaigns_running: int
    revenue_today: float
    last_updated: str


class Statistics(Answer):
    """What solves came to."""

    timestamp: str
    total_requests: int
    average_quality: float
    average_runtime_seconds: float
    min_quality: float
    max_quality: float
    uptime_hours: float
    requests_in_queue: int
    methods_available: int
    success_rate: float
    requests: dict[str, Any]
    performance: dict[str, Any]
    cache: dict[str, Any]
    methods: dict[str, Any]
    jobs: dict[str, int]
    queues: dict[str, Any]


class GlobalStatistics(Answer):
    """All that was ever done."""

    total_ai_agents: int | None = None
    industries_covered: int
    global_success_rate: float
    monthly_call_volume: int
    total_revenue: float
    system_uptime: float
