"""From rows of providers to what clients of the monitoring system look for."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import RowMapping

from api.schemas.monitor import (
    CategoryRow,
    CollectionStats,
    ConnectionStats,
    FreshnessRow,
    LimitType,
    ProviderRateLimit,
    ProviderShort,
    ProviderStats,
    RateLimitRow,
    RateLimitShort,
    SystemMetrics,
    SystemStatus,
)
from db.contracts.budget import Usage
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.provider import Collection, ProviderState, Window
from db.contracts.settings import Settings
from db.contracts.watched import Watched, WatchedHealth, health_of
from db.models import Provider
from db.repositories import providers
from db.repositories.metric_history import WatchedThen
from db.repositories.provider_series import Collected
from db.repositories.provider_statistics import Attempts

HEALTHY_FROM, DEGRADED_FROM = 0.9, 0.7
"""What the status asks for; elsewhere it is 80 and 50 per cent."""
MINUTE_SECONDS = 60.0
AGING_FROM = 0.5
"""Of the time after which numbers are stale."""
LIMIT_TYPES: dict[Window, LimitType] = {
    Window.SECOND: "per_second",
    Window.MINUTE: "per_minute",
    Window.HOUR: "per_hour",
    Window.DAY: "per_day",
}


def provider_short(
    found: Provider, usages: Sequence[Usage], settings: Settings
) -> ProviderShort:
    """Return a provider."""
    key = providers.description_of(found).key
    fullest = max(usages, key=lambda each: each.percentage, default=None)
    return ProviderShort(
        id=found.id,
        name=found.name,
        category=found.category,
        status=ProviderState(found.state),
        response_time_ms=rounded(found.last_response_ms),
        rate_limit=None if fullest is None else _limit_short(fullest),
        last_fetch=optional_timestamp(found.last_check_at),
        has_key=key is None or key.environment in settings.provider_keys,
        endpoints=[each for each in (found.url, found.second_url) if each],
        priority_tier=found.tier,
        paused=found.paused,
    )


def provider_stats(
    found: Provider, attempts: Attempts, collected: Collected, *, hours: float
) -> ProviderStats:
    """Return what a provider was like in the last hours."""
    counts = {str(outcome): count for outcome, count in attempts.outcomes.items()}
    return ProviderStats(
        provider_name=found.name,
        provider_id=found.id,
        time_window_hours=hours,
        connection_stats=ConnectionStats(
            total_attempts=attempts.calls,
            successful=counts.get("success", 0),
            failed=counts.get("failed", 0),
            timeout=counts.get("timeout", 0),
            rate_limited=counts.get("rate_limited", 0),
            success_rate=percent(attempts.success_rate),
            avg_response_time_ms=rounded(attempts.times.mean_ms),
        ),
        data_collection_stats=CollectionStats(
            total_collections=collected.collections,
            total_records=collected.records,
            total_bytes=collected.bytes,
            avg_quality_score=rounded(collected.mean_quality),
            avg_staleness_minutes=minutes(collected.mean_staleness_s),
        ),
        failure_count=attempts.failures,
    )


def system_status(watched: Watched, last_check_at: float | None) -> SystemStatus:
    """Return how all of them are."""
    share = watched.online_share
    health = None
    if share is not None:
        health = health_of(
            share, healthy_from=HEALTHY_FROM, degraded_from=DEGRADED_FROM
        )
    return SystemStatus(
        total_apis=watched.total,
        online=watched.count(ProviderState.ONLINE),
        degraded=watched.count(ProviderState.DEGRADED),
        offline=watched.count(ProviderState.OFFLINE),
        unknown=watched.count(ProviderState.UNKNOWN),
        avg_response_time_ms=rounded(watched.mean_ms),
        last_update=optional_timestamp(last_check_at),
        system_health=health,
    )


def system_metrics(then: WatchedThen) -> SystemMetrics:
    """Return how all of them were at a moment that was sampled."""
    told = asdict(then) | {"timestamp": timestamp(then.timestamp)}
    return SystemMetrics(**told)


def rate_limit_row(found: Provider, usage: Usage, moment: float) -> RateLimitRow:
    """Return one budget."""
    return RateLimitRow(
        provider=found.name,
        limit_type=LIMIT_TYPES[usage.limit.per],
        limit_value=usage.limit.calls,
        current_usage=usage.used,
        percentage=usage.percentage,
        reset_time=timestamp(usage.resets_at),
        reset_in_seconds=round(max(0.0, usage.resets_at - moment), 3),
        status=usage.status,
        last_request_time=optional_timestamp(found.last_check_at),
    )


def provider_rate_limit(rows: Sequence[RateLimitRow]) -> ProviderRateLimit:
    """Return the budget that is fullest, with all of them."""
    fullest = max(rows, key=lambda row: row.percentage)
    return ProviderRateLimit(**dict(fullest), limits=list(rows))


def category_row(row: RowMapping) -> CategoryRow:
    """Return a category."""
    online, degraded, offline = row["online"], row["degraded"], row["offline"]
    known = online + degraded + offline
    words = {
        WatchedHealth.HEALTHY: "online",
        WatchedHealth.DEGRADED: "degraded",
        WatchedHealth.CRITICAL: "critical",
    }
    status = words[health_of(online / known)] if known else "unknown"
    return CategoryRow(
        name=row["category"],
        total_sources=row["total"],
        online_sources=online,
        degraded_sources=degraded,
        offline_sources=offline,
        avg_response_time_ms=rounded(row["mean_ms"]),
        rate_limited_count=row["rate_limited"],
        last_updated=optional_timestamp(row["last_at"]),
        status=status,
    )


def freshness_row(row: RowMapping, moment: float) -> FreshnessRow:
    """Return how old the latest numbers are of a provider that is collected from."""
    limit = Collection.model_validate_json(row["collection"]).stale_after_s
    at, data_at, age = row["at"], row["data_at"], None
    if at is not None:
        age = max(0.0, moment - (at if data_at is None else data_at))
    is_stale = age is None or age > limit
    is_aging = age is not None and age > AGING_FROM * limit
    return FreshnessRow(
        provider=row["name"],
        category=row["category"],
        last_fetch=optional_timestamp(at),
        data_timestamp=optional_timestamp(data_at),
        staleness_minutes=minutes(age),
        ttl_minutes=limit / MINUTE_SECONDS,
        quality_score=rounded(row["quality"]),
        status="stale" if is_stale else "aging" if is_aging else "fresh",
    )


def rounded(number: float | None) -> float | None:
    """Return it with three places."""
    return None if number is None else round(float(number), 3)


def percent(share: float | None) -> float | None:
    """Return a share in per cent."""
    return None if share is None else round(share * 100, 3)


def minutes(seconds: float | None) -> float | None:
    """Return seconds in minutes."""
    return None if seconds is None else round(float(seconds) / MINUTE_SECONDS, 3)


def _limit_short(usage: Usage) -> RateLimitShort:
    period = usage.limit.per.value
    return RateLimitShort(
        used=usage.used,
        total=usage.limit.calls,
        period=period,
        text=f"{usage.used}/{usage.limit.calls} per {period}",
    )
