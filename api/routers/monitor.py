"""/api/providers, /api/status and others: who is watched, and how they are."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api import monitor_views
from api.dependencies import StateDep
from api.schemas.monitor import (
    CategoryRow,
    FreshnessRow,
    ProviderRateLimit,
    ProviderShort,
    ProviderStats,
    RateLimitRow,
    SystemMetrics,
    SystemStatus,
)
from api.watched_providers import find_provider, usages_of
from db.contracts.errors import NotFoundError
from db.contracts.provider import ProviderState
from db.repositories import (
    jobs,
    metric_history,
    monitoring,
    provider_series,
    provider_statistics,
)

router = APIRouter(prefix="/api", tags=["monitoring"])

SECONDS_AN_HOUR = 3600.0
MAX_STATISTICS_HOURS = 24 * 400
MAX_METRICS_HOURS = 24 * 90
"""Up to so many hours: which samples are told. Of more, those of hours."""
MAX_FRESH = 1000

Name = Annotated[str, Path(max_length=200, description="A provider's name, or its id.")]
Limit = Annotated[int, Query(ge=1, le=5000)]
StateName = Literal["unknown", "online", "degraded", "offline"]


@router.get("/providers")
def list_watched(
    state: StateDep,
    category: Annotated[str | None, Query(max_length=100)] = None,
    status: StateName | None = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 1000,
) -> list[ProviderShort]:
    """List providers by name; /v1/providers has them page by page, and whole."""
    with state.backplane.database.reading() as connection:
        found = monitoring.all_providers(
            connection,
            category=category,
            state=None if status is None else ProviderState(status),
            search=search,
            limit=limit,
        )
        moment = jobs.database_time(connection)
    usages = usages_of(state, found, moment)
    return [
        monitor_views.provider_short(each, its, state.settings)
        for each, its in zip(found, usages, strict=True)
    ]


@router.get("/providers/{name}")
def get_watched(state: StateDep, name: Name) -> ProviderShort:
    """Look at a provider."""
    with state.backplane.database.reading() as connection:
        found = find_provider(connection, name)
        moment = jobs.database_time(connection)
    (usages,) = usages_of(state, [found], moment)
    return monitor_views.provider_short(found, usages, state.settings)


@router.get("/providers/{name}/stats")
def get_watched_stats(
    state: StateDep,
    name: Name,
    hours: Annotated[float, Query(gt=0, le=MAX_STATISTICS_HOURS)] = 24.0,
) -> ProviderStats:
    """Tell what a provider was like in the last hours."""
    with state.backplane.database.reading() as connection:
        found = find_provider(connection, name)
        begin = jobs.database_time(connection) - hours * SECONDS_AN_HOUR
        attempts = provider_statistics.attempts(connection, found.id, begin=begin)
        collected = provider_series.collected(
            connection, begin=begin, provider_id=found.id
        )
    return monitor_views.provider_stats(found, attempts, collected, hours=hours)


@router.get("/status")
def get_system_status(state: StateDep) -> SystemStatus:
    """Count who is online, and say in a word how they all are."""
    with state.backplane.database.reading() as connection:
        last_check_at = monitoring.last_check_at(connection)
    return monitor_views.system_status(state.watching.look(), last_check_at)


@router.get("/status/metrics")
def list_system_metrics(
    state: StateDep,
    hours: Annotated[float, Query(gt=0, le=MAX_METRICS_HOURS)] = 24.0,
) -> list[SystemMetrics]:
    """List how they all were, oldest first: by 10 s, by the minute, or by the hour."""
    with state.backplane.database.reading() as connection:
        until = jobs.database_time(connection)
        found = metric_history.watched_over_time(
            connection, since=until - hours * SECONDS_AN_HOUR, until=until
        )
    return [monitor_views.system_metrics(each) for each in found]


@router.get("/rate-limits")
def list_rate_limits(state: StateDep, limit: Limit = 1000) -> list[RateLimitRow]:
    """List the budgets of providers that have any, as they stand now."""
    with state.backplane.database.reading() as connection:
        found = monitoring.limited(connection, limit=limit)
        moment = jobs.database_time(connection)
    usages = usages_of(state, found, moment)
    return [
        monitor_views.rate_limit_row(each, usage, moment)
        for each, its in zip(found, usages, strict=True)
        for usage in its
    ]


@router.get("/rate-limits/{name}")
def get_rate_limit(state: StateDep, name: Name) -> ProviderRateLimit:
    """Look at the budgets of one provider: the fullest, and all of them."""
    with state.backplane.database.reading() as connection:
        found = find_provider(connection, name)
        moment = jobs.database_time(connection)
    (usages,) = usages_of(state, [found], moment)
    if not usages:
        raise NotFoundError(
            f"{found.name} has no rate limit",
            suggestion="/api/rate-limits lists those that have one.",
        )
    rows = [monitor_views.rate_limit_row(found, each, moment) for each in usages]
    return monitor_views.provider_rate_limit(rows)


@router.get("/categories")
def list_categories(state: StateDep) -> list[CategoryRow]:
    """List categories, and how their providers are."""
    with state.backplane.database.reading() as connection:
        rows = monitoring.by_category(connection)
    return [monitor_views.category_row(row) for row in rows]


@router.get("/freshness")
def list_freshness(state: StateDep) -> list[FreshnessRow]:
    """List how old the numbers are that were collected last, by provider."""
    with state.backplane.database.reading() as connection:
        moment = jobs.database_time(connection)
        found = monitoring.freshness(connection, limit=MAX_FRESH)
    return [monitor_views.freshness_row(row, moment) for row in found]
