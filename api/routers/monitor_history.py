"""/api/failures, /api/analytics/failures, /api/charts: what was, by window."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from api.dependencies import StateDep
from api.failure_views import (
    error_counts,
    failing_providers,
    failure_short,
    remediation,
    retry_statistics,
)
from api.monitor_views import LIMIT_TYPES, minutes, percent, rounded
from api.schemas.monitor import (
    FailureAnalytics,
    Failures,
    FreshnessHistory,
    FreshnessPoint,
    FreshnessSeries,
    HealthHistory,
    HealthPoint,
    RateLimitHistory,
    UsagePoint,
    UsageSeries,
)
from api.watched_providers import find_provider
from db.contracts.event import timestamp
from db.contracts.provider import Window
from db.repositories import jobs, monitoring, provider_statistics
from db.repositories.provider_statistics import SECONDS_AN_HOUR, Attempts, hour_of

router = APIRouter(prefix="/api", tags=["monitoring"])

MAX_FAILURES = 50
MAX_BUDGETS = 20
MAX_ROWS = 20_000

FailureHours = Annotated[float, Query(gt=0, le=24 * 30)]
ChartHours = Annotated[int, Query(ge=1, le=168)]
Of = Annotated[str | None, Query(max_length=200, description="A provider's name.")]


@router.get("/analytics/failures")
def get_failure_analytics(
    state: StateDep, hours: FailureHours = 24.0
) -> FailureAnalytics:
    """Count what failed in the last hours: by type and provider; and retries."""
    with state.backplane.database.reading() as connection:
        begin = jobs.database_time(connection) - hours * SECONDS_AN_HOUR
        of_each = provider_statistics.by_provider(connection, begin=begin)
        errors = provider_statistics.errors(connection, begin=begin)
        names = _names(connection, of_each)
    return FailureAnalytics(
        time_window_hours=hours,
        failures_by_error_type=error_counts(errors),
        top_failing_providers=failing_providers(of_each, names),
        retry_statistics=retry_statistics(of_each),
        total_failures=sum(each.failures for each in of_each.values()),
    )


@router.get("/failures")
def get_failures(state: StateDep, hours: FailureHours = 24.0) -> Failures:
    """Tell what failed in the last hours, and what may help."""
    with state.backplane.database.reading() as connection:
        begin = jobs.database_time(connection) - hours * SECONDS_AN_HOUR
        of_each = provider_statistics.by_provider(connection, begin=begin)
        errors = provider_statistics.errors(connection, begin=begin)
        rows = monitoring.recent_failures(connection, since=begin, limit=MAX_FAILURES)
        names = _names(connection, of_each)
        failing = failing_providers(of_each, names)
        ids = {name: each for each, name in names.items()}
        advised = [
            remediation(
                each.provider,
                provider_statistics.attempts(
                    connection, ids[each.provider], begin=begin
                ).errors,
            )
            for each in failing
        ]
    return Failures(
        time_window_hours=hours,
        recent_failures=[failure_short(row) for row in rows],
        error_type_distribution={
            each.error_type: each.count for each in error_counts(errors)
        },
        top_failing_providers=failing,
        remediation_suggestions=[each for each in advised if each is not None],
    )


@router.get("/charts/health-history")
def get_health_history(
    state: StateDep, hours: ChartHours = 24, provider: Of = None
) -> HealthHistory:
    """Return how checks went by the hour, of one provider or of all of them."""
    with state.backplane.database.reading() as connection:
        found = None if provider is None else find_provider(connection, provider)
        last = hour_of(jobs.database_time(connection))
        rows = monitoring.checks_by_hour(
            connection,
            since=(last - hours + 1) * SECONDS_AN_HOUR,
            provider_id=None if found is None else found.id,
        )
    points = []
    for hour in range(last - hours + 1, last + 1):
        row = rows.get(hour)
        success = 0 if row is None else int(row["success"])
        failed = 0 if row is None else int(row["failed"])
        total = success + failed
        took = None
        if row is not None and row["timed"]:
            took = row["sum_ms"] / int(row["timed"])
        points.append(
            HealthPoint(
                timestamp=timestamp(hour * SECONDS_AN_HOUR),
                total=total,
                successful=success,
                failed=failed,
                success_rate=percent(success / total) if total else None,
                avg_response_time_ms=rounded(took),
            )
        )
    return HealthHistory(
        hours=hours,
        provider=None if found is None else found.name,
        labels=[point.timestamp for point in points],
        success_rate=[point.success_rate for point in points],
        points=points,
    )


@router.get("/charts/rate-limit-history")
def get_rate_limit_history(
    state: StateDep, hours: ChartHours = 24, provider: Of = None
) -> RateLimitHistory:
    """Return how full budgets were by the hour: of one provider, or the fullest 20."""
    with state.backplane.database.reading() as connection:
        found = None if provider is None else find_provider(connection, provider)
        since = jobs.database_time(connection) - hours * SECONDS_AN_HOUR
        rows = monitoring.usage_by_hour(
            connection,
            since=since,
            provider_id=None if found is None else found.id,
            budgets=MAX_BUDGETS,
        )
    series: dict[tuple[str, str], UsageSeries] = {}
    for row in rows:
        of = (row["name"], row["per"])
        made = series.setdefault(
            of,
            UsageSeries(
                provider=row["name"],
                limit_type=LIMIT_TYPES[Window(row["per"])],
                points=[],
            ),
        )
        made.points.append(
            UsagePoint(
                timestamp=timestamp(row["hour"] * SECONDS_AN_HOUR),
                percentage=round(float(row["percentage"]), 3),
            )
        )
    return RateLimitHistory(hours=hours, series=list(series.values()))


@router.get("/charts/freshness-history")
def get_freshness_history(
    state: StateDep, hours: ChartHours = 24, provider: Of = None
) -> FreshnessHistory:
    """Return how old numbers were when they were fetched, by the hour."""
    with state.backplane.database.reading() as connection:
        found = None if provider is None else find_provider(connection, provider)
        since = jobs.database_time(connection) - hours * SECONDS_AN_HOUR
        rows = monitoring.collected_by_hour(
            connection,
            since=since,
            provider_id=None if found is None else found.id,
            limit=MAX_ROWS,
        )
    series: dict[str, FreshnessSeries] = {}
    for row in rows:
        made = series.setdefault(
            row["name"], FreshnessSeries(provider=row["name"], points=[])
        )
        made.points.append(
            FreshnessPoint(
                timestamp=timestamp(row["hour"] * SECONDS_AN_HOUR),
                collections=row["collections"],
                avg_staleness_minutes=minutes(row["stale_s"]),
                avg_quality_score=rounded(row["quality"]),
                on_schedule_percentage=percent(row["on_schedule"] / row["rows"]),
            )
        )
    return FreshnessHistory(hours=hours, series=list(series.values()))


def _names(connection: Connection, of_each: dict[str, Attempts]) -> dict[str, str]:
    failed = [each for each, attempts in of_each.items() if attempts.failures]
    return monitoring.names_by_id(connection, failed)
