"""The service's numbers, put into the shapes that clients read."""

from api.health_views import now_text
from api.schemas.measured import (
    CacheStats,
    DurationStats,
    MethodStats,
    MetricsView,
    QueueStats,
    RequestStats,
    StatsView,
)
from api.vitals import LATELY_MINUTES, Vitals
from db.contracts.catalogue import catalogue
from db.contracts.job_kind import SOLVES
from db.contracts.metric import (
    HTTP_ACTIVE,
    HTTP_DURATION,
    HTTP_REQUESTS,
    STREAM_CLIENTS,
    WEBHOOK_ATTEMPTS,
)
from db.repositories.history import Totals


def metrics_view(vitals: Vitals) -> MetricsView:
    """Return the union of what clients of the earlier servers look for."""
    requests, durations = request_stats(vitals), duration_stats(vitals)
    totals, recorded = vitals.totals, vitals.recorded
    by_status: dict[str, int] = {}
    for (*_, status), count in vitals.tally.counts(HTTP_REQUESTS).items():
        by_status[status] = by_status.get(status, 0) + count
    attempts = vitals.tally.counts(WEBHOOK_ATTEMPTS)
    return MetricsView(
        uptime_seconds=round(vitals.uptime_seconds, 3),
        total_requests=requests.completed,
        total_errors=requests.errors,
        error_rate=requests.error_rate,
        requests_per_second=round(vitals.lately.requests / (LATELY_MINUTES * 60), 4),
        avg_response_time_ms=durations.avg_ms,
        p50_ms=durations.p50_ms,
        p95_ms=durations.p95_ms,
        p99_ms=durations.p99_ms,
        method_counts={name: each.finished for name, each in _methods(totals).items()},
        status_counts=by_status,
        total_optimizations=totals.finished,
        active_requests=requests.active,
        methods_available=len(catalogue().methods),
        avg_runtime_ms=round((totals.mean_elapsed_s or 0.0) * 1000, 3),
        avg_quality=totals.mean_quality or 0.0,
        success_rate=success_rate(totals),
        jobs={} if recorded is None else dict(recorded.by_state),
        requests_in_queue=vitals.queued,
        workers=None if vitals.workers is None else len(vitals.workers),
        worker_busy_ratio=round(vitals.busy_ratio, 4),
        cache_hit_rate=round(vitals.cache.hit_rate, 4),
        stream_clients=vitals.gauge(STREAM_CLIENTS),
        webhook_attempts={result: count for (result,), count in attempts.items()},
        shared=vitals.tally.is_shared,
        timestamp=now_text(),
    )


def stats_view(vitals: Vitals) -> StatsView:
    """Return the statistics, flat for one kind of client and nested for another."""
    totals, recorded = vitals.totals, vitals.recorded
    requests = request_stats(vitals)
    return StatsView(
        total_requests=requests.completed,
        average_quality=totals.mean_quality or 0.0,
        average_runtime_seconds=totals.mean_elapsed_s or 0.0,
        min_quality=totals.min_quality or 0.0,
        max_quality=totals.max_quality or 0.0,
        uptime_hours=round(vitals.uptime_seconds / 3600, 4),
        requests_in_queue=vitals.queued,
        methods_available=len(catalogue().methods),
        success_rate=success_rate(totals),
        requests=requests,
        performance=duration_stats(vitals),
        cache=cache_stats(vitals),
        methods=_methods(totals),
        jobs={} if recorded is None else dict(recorded.by_state),
        queues={}
        if recorded is None
        else {
            name: QueueStats(
                waiting=standing.waiting,
                running=standing.running,
                oldest_age_seconds=round(standing.oldest_age_s, 3),
                paused=name in recorded.paused,
            )
            for name, standing in recorded.queues.items()
        },
        timestamp=now_text(),
    )


def request_stats(vitals: Vitals) -> RequestStats:
    """Return how many requests there were, the open ones included in ``total``."""
    completed, errors = vitals.tally.total(HTTP_REQUESTS), vitals.total_errors
    active = vitals.gauge(HTTP_ACTIVE)
    return RequestStats(
        active=active,
        completed=completed,
        total=completed + active,
        errors=errors,
        error_rate=round(errors / completed, 6) if completed else 0.0,
    )


def duration_stats(vitals: Vitals) -> DurationStats:
    """Return how long answers took, since the numbers were cleared."""
    durations = vitals.tally.histogram(HTTP_DURATION)
    p50, p95, p99 = (round(durations.quantile(q) * 1000, 3) for q in (0.5, 0.95, 0.99))
    mean = round(durations.mean * 1000, 3)
    return DurationStats(avg_ms=mean, p50_ms=p50, p95_ms=p95, p99_ms=p99)


def cache_stats(vitals: Vitals) -> CacheStats:
    """Return how the cache of solves is used, by all processes."""
    use = vitals.caches[SOLVES]
    return CacheStats(
        size=use.size,
        max_size=use.max_size,
        total_hits=use.hits,
        total_misses=use.misses,
        hit_rate=round(use.hit_rate, 4),
        backend=use.backend,
    )


def success_rate(totals: Totals) -> float:
    """Return the share that succeeded of what succeeded or failed; 0 of nothing."""
    judged = totals.succeeded + totals.failed
    return totals.succeeded / judged if judged else 0.0


def _methods(totals: Totals) -> dict[str, MethodStats]:
    return {
        name: MethodStats(
            finished=record.finished,
            succeeded=record.succeeded,
            average_quality=record.mean_quality,
            average_runtime_seconds=record.mean_elapsed_s,
        )
        for name, record in totals.by_method.items()
    }
