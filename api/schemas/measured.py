"""The service's numbers in JSON: one shape for all clients of the earlier servers."""

from pydantic import BaseModel


class MetricsView(BaseModel):
    """Numbers of all processes, since they were cleared; averages of finished solves.

    An average of nothing is 0.
    """

    uptime_seconds: float
    total_requests: int
    total_errors: int
    """Answered with a 5xx."""
    error_rate: float
    requests_per_second: float
    """In the last five minutes; probes are left out."""
    avg_response_time_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    method_counts: dict[str, int]
    """Solves that ended, by method."""
    status_counts: dict[str, int]
    """Answers, by HTTP status."""
    total_optimizations: int
    active_requests: int
    methods_available: int
    avg_runtime_ms: float
    avg_quality: float
    """Best known objective over the one found, from 0 to 1."""
    success_rate: float
    """Of solves that succeeded or failed; from 0 to 1."""
    jobs: dict[str, int]
    """In the database, by state."""
    requests_in_queue: int
    workers: int | None
    """Null while Redis is away."""
    worker_busy_ratio: float
    cache_hit_rate: float
    stream_clients: int
    webhook_attempts: dict[str, int]
    shared: bool
    """False while Redis is away: counts are this process' own."""
    timestamp: str


class RequestStats(BaseModel):
    """Requests of all processes."""

    active: int
    completed: int
    total: int
    errors: int
    error_rate: float


class DurationStats(BaseModel):
    """Times to the start of an answer."""

    avg_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class CacheStats(BaseModel):
    """Results that equal work shares."""

    size: int
    max_size: int
    total_hits: int
    total_misses: int
    hit_rate: float
    backend: str
    """``redis``, or ``database`` while it is away."""


class MethodStats(BaseModel):
    """What one method has come to."""

    finished: int
    succeeded: int
    average_quality: float | None
    average_runtime_seconds: float | None


class QueueStats(BaseModel):
    """One queue."""

    waiting: int
    running: int
    oldest_age_seconds: float
    paused: bool


class StatsView(BaseModel):
    """Statistics of the service. An average of nothing is 0."""

    total_requests: int
    average_quality: float
    average_runtime_seconds: float
    min_quality: float
    max_quality: float
    uptime_hours: float
    requests_in_queue: int
    methods_available: int
    success_rate: float
    requests: RequestStats
    performance: DurationStats
    cache: CacheStats
    methods: dict[str, MethodStats]
    jobs: dict[str, int]
    queues: dict[str, QueueStats]
    timestamp: str
