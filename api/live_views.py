"""What is told to those who follow the service, from one look at it.

What a later step computes is left out; so is what nobody can know now.
"""

from api.earnings import earned
from api.health_views import SYSTEM_WORDS, now_text, services
from api.measured_views import success_rate
from api.state import ApiState
from api.vitals import Vitals
from db.cache import CacheUse
from db.contracts.event import MetricsUpdated, QueueUpdated, SystemUpdated
from db.contracts.job_kind import OF_SOLVES
from db.contracts.metric import WEBSOCKETS
from db.contracts.price import as_told
from db.contracts.provider import ProviderState
from db.contracts.service_standing import (
    CacheStanding,
    CalculationMetrics,
    LiveMetrics,
    OverviewHealth,
    QueueShort,
    RevenueSummary,
    SocketMetrics,
    SystemHealth,
    SystemMetrics,
)
from db.repositories import queues
from db.repositories.queues import Standing

NOTHING = Standing(waiting=0, running=0, oldest_age_s=0.0)


def live_metrics(state: ApiState) -> LiveMetrics:
    """Return what the service does and has done; raises UnavailableError."""
    return _live(state, Vitals(state))


def metrics_update(state: ApiState) -> MetricsUpdated:
    """Return it for those who follow; raises UnavailableError."""
    vitals = Vitals(state)
    return MetricsUpdated(
        live=_live(state, vitals), calculations=calculation_metrics(state, vitals)
    )


def calculation_metrics(state: ApiState, vitals: Vitals) -> CalculationMetrics:
    """Return what calculations have come to; raises UnavailableError."""
    (ended, lately), latest = vitals.calculations, vitals.last_calculations
    base, premium = state.settings.calculation_prices
    return CalculationMetrics(
        total_calculations=ended,
        last_24h_calculations=lately,
        average_processing_time_ms=round((latest.mean_elapsed_s or 0.0) * 1000, 6),
        success_rate=success_rate(latest),
        revenue_summary=RevenueSummary(
            total_revenue=round(ended * base + lately * premium, 2),
            base_revenue=round(ended * base, 2),
            premium_revenue=round(lately * premium, 2),
            projected_monthly=round(lately * (base + premium) * 30, 2),
        ),
    )


def _live(state: ApiState, vitals: Vitals) -> LiveMetrics:
    counts, solves = vitals.activity, vitals.last_solves
    return LiveMetrics(
        total_clients=counts.callers,
        active_calls=counts.running,
        calls_today=counts.today,
        monthly_call_volume=counts.month,
        revenue_today=as_told(earned(state, days=1).today),
        success_rate=round(success_rate(solves) * 100, 3),
        ai_optimization_score=round((solves.mean_quality or 0.0) * 100, 3),
        system_uptime=round(vitals.uptime.good_share * 100, 3),
        agents_active=None if vitals.workers is None else len(vitals.workers),
        campaigns_running=counts.campaigns,
        last_updated=now_text(),
    )


def system_update(state: ApiState) -> SystemUpdated:
    """Return how the service and its parts are."""
    vitals = Vitals(state)
    cache = vitals.cache
    sockets = vitals.gauge(WEBSOCKETS)
    return SystemUpdated(
        system_metrics=system_metrics(vitals),
        alert_count=None if vitals.recorded is None else vitals.recorded.alerts,
        active_websocket_clients=sockets,
        system_health=SystemHealth(
            status=vitals.status.value,
            metrics=SocketMetrics(
                active_connections=sockets,
                cache_hit_rate=round(cache.hit_rate, 4),
                uptime_seconds=round(vitals.uptime_seconds, 3),
            ),
            data=overview_health(vitals),
        ),
        caches={shelf: cache_standing(use) for shelf, use in vitals.caches.items()},
    )


def system_metrics(vitals: Vitals) -> SystemMetrics:
    """Return how all that is watched is, in the words of the earlier monitor."""
    watched = vitals.watched
    return SystemMetrics(
        total_providers=watched.total,
        online_count=watched.count(ProviderState.ONLINE),
        degraded_count=watched.count(ProviderState.DEGRADED),
        offline_count=watched.count(ProviderState.OFFLINE),
        avg_response_time_ms=round(watched.mean_ms or 0.0, 3),
        total_requests_hour=watched.calls_of_hour,
        total_failures_hour=watched.failures_of_hour,
        system_health=vitals.watched_health.value,
    )


def overview_health(vitals: Vitals) -> OverviewHealth:
    """Return how the service is, in the words of the earlier overview."""
    online, total = services(vitals)
    return OverviewHealth(
        status=SYSTEM_WORDS[vitals.status],
        uptime=round(vitals.uptime.good_share * 100, 3),
        services_online=online,
        total_services=total,
        last_check=now_text(),
    )


def cache_standing(use: CacheUse) -> CacheStanding:
    """Return how one shelf is used, in the words of the earlier finance server."""
    return CacheStanding(
        size=use.size,
        max_size=use.max_size,
        hit_count=use.hits,
        miss_count=use.misses,
        hit_rate=round(use.hit_rate, 4),
        ttl_seconds=use.seconds,
    )


def queue_update(state: ApiState) -> QueueUpdated:
    """Return how the queues stand; raises UnavailableError."""
    with state.backplane.database.reading() as connection:
        standings = queues.standings(connection)
        paused = queues.paused(connection)
    return QueueUpdated(
        items=[
            QueueShort(
                name=queue.value,
                waiting=standing.waiting,
                running=standing.running,
                oldest_age_s=round(standing.oldest_age_s, 3),
                paused=queue.value in paused,
            )
            for queue in OF_SOLVES
            for standing in (standings.get(queue.value, NOTHING),)
        ]
    )
