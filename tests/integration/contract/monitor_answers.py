"""What the answers of the monitoring system hold, as its page tells it: by the call."""

from tests.integration.contract.shapes import (
    Shape,
    anything,
    boolean,
    fields,
    integer,
    list_of,
    map_of,
    maybe,
    moment,
    number,
    text,
)

COUNT = integer(0)
STATES = text("online", "degraded", "offline", "unknown")
PERCENT = number(0, 100)
PROVIDER = fields(
    id=text(),
    name=text(),
    category=text(),
    status=STATES,
    response_time_ms=maybe(number(0)),
    rate_limit=maybe(fields(used=COUNT, total=integer(1), period=text(), text=text())),
    last_fetch=maybe(moment),
    has_key=boolean,
    endpoints=list_of(text()),
)
STATS = fields(
    provider_name=text(),
    provider_id=text(),
    time_window_hours=number(above=0),
    connection_stats=fields(
        total_attempts=COUNT,
        successful=COUNT,
        failed=COUNT,
        timeout=COUNT,
        rate_limited=COUNT,
        success_rate=maybe(PERCENT),
        avg_response_time_ms=maybe(number(0)),
    ),
    data_collection_stats=fields(
        total_collections=COUNT,
        total_records=COUNT,
        total_bytes=COUNT,
        avg_quality_score=maybe(number(0, 1)),
        avg_staleness_minutes=maybe(number(0)),
    ),
    failure_count=COUNT,
)
STATUS = fields(
    total_apis=COUNT,
    online=COUNT,
    degraded=COUNT,
    offline=COUNT,
    avg_response_time_ms=maybe(number(0)),
    last_update=maybe(moment),
    system_health=maybe(text("healthy", "degraded", "critical")),
)
METRICS = list_of(
    fields(
        timestamp=moment,
        total_providers=number(0),
        online_count=number(0),
        degraded_count=number(0),
        offline_count=number(0),
        avg_response_time_ms=maybe(number(0)),
        total_requests_hour=number(0),
        total_failures_hour=number(0),
        system_health=maybe(text("healthy", "degraded", "critical")),
    )
)
LIMIT = fields(
    provider=text(),
    limit_type=text("per_second", "per_minute", "per_hour", "per_day"),
    limit_value=integer(1),
    current_usage=COUNT,
    percentage=number(0),
    reset_time=moment,
    reset_in_seconds=number(0),
    status=text("ok", "warning", "blocked"),
    last_request_time=maybe(moment),
)
ANALYTICS = fields(
    time_window_hours=number(above=0),
    failures_by_error_type=list_of(fields(error_type=text(), count=integer(1))),
    top_failing_providers=list_of(fields(provider=text(), failure_count=integer(1))),
    retry_statistics=map_of(anything),
)
FAILURES = fields(
    recent_failures=list_of(
        fields(timestamp=moment, provider=text(), http_status=anything)
    ),
    error_type_distribution=map_of(integer(1)),
    top_failing_providers=list_of(fields(provider=text(), failure_count=integer(1))),
    remediation_suggestions=list_of(fields(provider=text(), suggestion=text())),
)
CATEGORIES = list_of(
    fields(
        name=text(),
        total_sources=integer(1),
        online_sources=COUNT,
        status=text("online", "degraded", "critical", "unknown"),
    )
)
FRESHNESS = list_of(
    fields(
        provider=text(),
        staleness_minutes=maybe(number(0)),
        status=text("fresh", "aging", "stale"),
    )
)
HISTORY = fields(labels=list_of(moment, least=1), success_rate=list_of(maybe(PERCENT)))
SERIES = fields(series=list_of(fields(provider=text(), points=list_of(least=1))))
ROWS: dict[str, Shape] = {
    "/api/providers": list_of(PROVIDER),
    "/api/providers?category=market_data&status=online&search=pri": list_of(PROVIDER),
    "/api/providers/Prices": PROVIDER,
    "/api/providers/Prices/stats?hours=24": STATS,
    "/api/status": STATUS,
    "/api/status/metrics?hours=1": METRICS,
    "/api/rate-limits": list_of(LIMIT),
    "/api/rate-limits/Prices": LIMIT,
    "/api/analytics/failures?hours=24": ANALYTICS,
    "/api/failures": FAILURES,
    "/api/categories": CATEGORIES,
    "/api/freshness": FRESHNESS,
    "/api/charts/health-history?hours=24": HISTORY,
    "/api/charts/rate-limit-history": SERIES,
    "/api/charts/freshness-history": SERIES,
}
