"""Providers as the earlier monitoring system told of them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.budget import BudgetStatus
from db.contracts.provider import ProviderState
from db.contracts.watched import WatchedHealth

LimitType = Literal["per_second", "per_minute", "per_hour", "per_day"]


class RateLimitShort(BaseModel):
    """How much of the budget that is fullest is used up."""

    used: int
    total: int
    period: str
    text: str


class ProviderShort(BaseModel):
    """A provider."""

    id: str
    name: str
    category: str
    status: ProviderState
    """``unknown`` before its first check, and while it is paused."""
    response_time_ms: float | None
    rate_limit: RateLimitShort | None
    """None where it allows any number of calls."""
    last_fetch: str | None
    """When it was last asked."""
    has_key: bool
    """Whether the key that it needs is there; true too where it needs none."""
    endpoints: list[str]
    """Without keys; none of a part of the service."""
    priority_tier: int
    paused: bool


class ConnectionStats(BaseModel):
    """Calls in the window."""

    total_attempts: int
    successful: int
    failed: int
    timeout: int
    rate_limited: int
    success_rate: float | None
    """Per cent; None where there was no call."""
    avg_response_time_ms: float | None


class CollectionStats(BaseModel):
    """What was collected in the window."""

    total_collections: int
    total_records: int
    total_bytes: int
    avg_quality_score: float | None
    """From 0 to 1."""
    avg_staleness_minutes: float | None


class ProviderStats(BaseModel):
    """What a provider was like in the last hours."""

    provider_name: str
    provider_id: str
    time_window_hours: float
    connection_stats: ConnectionStats
    data_collection_stats: CollectionStats
    failure_count: int


class SystemStatus(BaseModel):
    """All that are watched, in short; paused ones are left out."""

    total_apis: int
    online: int
    degraded: int
    offline: int
    unknown: int
    avg_response_time_ms: float | None
    """Of the answers of the last hour."""
    last_update: str | None
    """When one of them was last asked."""
    system_health: WatchedHealth | None
    """``healthy`` from 90 % online on, ``degraded`` from 70 %; of those whose state is
    known. None where none is."""


class SystemMetrics(BaseModel):
    """The same at a moment of the past."""

    timestamp: str
    total_providers: int
    online_count: int
    degraded_count: int
    offline_count: int
    avg_response_time_ms: float | None
    total_requests_hour: int
    total_failures_hour: int
    system_health: WatchedHealth | None
    """``healthy`` from 80 % online on, ``degraded`` from 50 %."""


class RateLimitRow(BaseModel):
    """One budget of a provider, as it stands now."""

    provider: str
    limit_type: LimitType
    limit_value: int
    current_usage: int
    percentage: float
    reset_time: str
    reset_in_seconds: float
    status: BudgetStatus
    last_request_time: str | None


class ProviderRateLimit(RateLimitRow):
    """The budget that is fullest, and all of them."""

    limits: list[RateLimitRow]


class CategoryRow(BaseModel):
    """Providers of a category; paused ones are left out."""

    name: str
    total_sources: int
    online_sources: int
    degraded_sources: int
    offline_sources: int
    avg_response_time_ms: float | None
    """Of the latest answers."""
    rate_limited_count: int
    """Whose latest check was refused, or not made, for want of calls."""
    last_updated: str | None
    status: Literal["online", "degraded", "critical", "unknown"]
    """``online`` from 80 % online on, ``degraded`` from 50 %."""


class FreshnessRow(BaseModel):
    """How old the numbers are that were collected last."""

    provider: str
    category: str
    last_fetch: str | None
    """When numbers were last fetched."""
    data_timestamp: str | None
    """What moment they are of."""
    staleness_minutes: float | None
    """Since that moment; None where nothing was ever collected."""
    ttl_minutes: float
    """From when on they are stale."""
    quality_score: float | None
    status: Literal["fresh", "aging", "stale"]
    """``aging`` from half of that time on."""


class ProviderNamed(BaseModel):
    """Which provider, by its name or id."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"provider": "CoinGecko"}]}
    )

    provider: str = Field(min_length=1, max_length=200)


class KeyTested(BaseModel):
    """What was made due, and whether the key is there that it will use."""

    provider: str
    provider_id: str
    key_name: str
    status: Literal["testing", "missing"]
    """``testing``: the provider is checked at once with its key, and its status, at
    ``/api/providers/{name}``, tells how that went. ``missing``: no check was made."""
    key_status: Literal["active", "missing"]
    message: str
    timestamp: str


class FailureShort(BaseModel):
    """One check that failed."""

    timestamp: str
    provider: str
    endpoint: str
    error_type: str | None
    error_message: str | None
    http_status: int | None
    http_code: int | None
    http_status_code: int | None
    response_time_ms: float | None
    retry_attempted: bool
    retry_result: str | None


class ErrorCount(BaseModel):
    """How often."""

    error_type: str
    count: int


class FailingProvider(BaseModel):
    """How often one has failed."""

    provider: str
    failure_count: int
    failure_rate: float
    """Per cent of its calls."""


class RetryStatistics(BaseModel):
    """Further calls that were made at once, such as to a second place."""

    total_retries: int
    successful_retries: int
    retry_success_rate: float | None
    """Per cent; None where there was none."""


class FailureAnalytics(BaseModel):
    """What failed in the window."""

    time_window_hours: float
    failures_by_error_type: list[ErrorCount]
    top_failing_providers: list[FailingProvider]
    retry_statistics: RetryStatistics
    total_failures: int


class Remediation(BaseModel):
    """What may help against what a provider fails of most."""

    provider: str
    issue: str
    suggestion: str
    count: int


class Failures(BaseModel):
    """What failed lately, and what may help."""

    time_window_hours: float
    recent_failures: list[FailureShort]
    error_type_distribution: dict[str, int]
    top_failing_providers: list[FailingProvider]
    remediation_suggestions: list[Remediation]


class HealthPoint(BaseModel):
    """An hour."""

    timestamp: str
    total: int
    successful: int
    failed: int
    success_rate: float | None
    avg_response_time_ms: float | None


class HealthHistory(BaseModel):
    """How checks went, by the hour, oldest first; an hour without any is there too."""

    hours: int
    provider: str | None
    labels: list[str]
    success_rate: list[float | None]
    points: list[HealthPoint]


class UsagePoint(BaseModel):
    """How full a budget was in an hour, at its fullest."""

    timestamp: str
    percentage: float


class UsageSeries(BaseModel):
    """One budget."""

    provider: str
    limit_type: LimitType
    points: list[UsagePoint]


class RateLimitHistory(BaseModel):
    """The budgets that were fullest, by the hour, oldest first."""

    hours: int
    series: list[UsageSeries]


class FreshnessPoint(BaseModel):
    """What was collected in an hour."""

    timestamp: str
    collections: int
    avg_staleness_minutes: float | None
    avg_quality_score: float | None
    on_schedule_percentage: float | None


class FreshnessSeries(BaseModel):
    """One provider."""

    provider: str
    points: list[FreshnessPoint]


class FreshnessHistory(BaseModel):
    """How old numbers were when they were fetched, by the hour, oldest first."""

    hours: int
    series: list[FreshnessSeries]
