"""What operators see and do."""

from pydantic import BaseModel

from api.schemas.health import BreakerStanding
from api.schemas.measured import CacheStats, RequestStats


class MemoryView(BaseModel):
    """Of the process that answers."""

    rss_mb: float
    vms_mb: float


class LimiterView(BaseModel):
    """The rate limiter."""

    active_buckets: int | None
    """Those that are not full; null while Redis is away."""


class AdminStatus(BaseModel):
    """How the service is, for its operators."""

    service: str
    version: str
    uptime_seconds: float
    requests: RequestStats
    jobs: dict[str, int]
    cache: CacheStats
    circuit_breaker: BreakerStanding
    memory: MemoryView
    rate_limiter: LimiterView
    paused_queues: list[str]
    timestamp: str


class Cleared(BaseModel):
    """What was cleared. Jobs and their results never are."""

    status: str
    message: str
    cached_results: int


class BreakerReset(BaseModel):
    """All breakers are closed."""

    status: str
    message: str
