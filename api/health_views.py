"""From what was read of the service to what is told of it."""

from datetime import UTC, datetime
from typing import Literal

from api.breakers import BreakerView
from api.schemas.health import (
    ApiHealth,
    BreakerStanding,
    Check,
    Components,
    HealthJson,
    HealthMetrics,
    PartStatus,
    ProviderCounts,
    Readiness,
    ServiceHealth,
    SocketStatus,
    StatusOnly,
)
from api.vitals import (
    DEGRADED_ABOVE,
    LEAST_JUDGED,
    UNHEALTHY_ABOVE,
    Status,
    Vitals,
)
from db.contracts.event import timestamp
from db.contracts.metric import HTTP_ACTIVE, HTTP_REQUESTS, WEBSOCKETS
from db.contracts.provider import ProviderState
from db.contracts.version import VERSION
from db.contracts.watched import Watched

Verdict = Literal["pass", "warn", "fail"]

SYSTEM_WORDS: dict[Status, Literal["operational", "degraded", "down"]] = {
    Status.HEALTHY: "operational",
    Status.DEGRADED: "degraded",
    Status.UNHEALTHY: "down",
}
_VERDICTS: dict[Status, Verdict] = {
    Status.HEALTHY: "pass",
    Status.DEGRADED: "warn",
    Status.UNHEALTHY: "fail",
}
_MESSAGES = {
    Status.HEALTHY: "All is well.",
    Status.DEGRADED: "A part of the service is away, or some requests fail.",
    Status.UNHEALTHY: "The service cannot take jobs, or most requests fail.",
}
NO_WORKERS = "no worker polls for jobs: they wait"


def now_text() -> str:
    """Return the present moment, RFC 3339."""
    return timestamp(datetime.now(UTC).timestamp())


def breaker_standing(breaker: BreakerView) -> BreakerStanding:
    """Return the breaker as it is told."""
    failed_at = breaker.last_failure
    return BreakerStanding(
        state=breaker.state,
        failures=breaker.failures,
        threshold=breaker.threshold,
        last_failure=None if failed_at is None else timestamp(failed_at),
    )


def readiness(vitals: Vitals, breaker: BreakerView) -> Readiness:
    """Return whether every part answers."""
    is_ready = all(part == "ok" for part in vitals.parts.values())
    return Readiness(
        status="ready" if is_ready else "not_ready",
        components=vitals.parts,
        circuit_breaker=breaker_standing(breaker),
    )


def service_health(vitals: Vitals, breaker: BreakerView) -> ServiceHealth:
    """Return how the service is, with every field that any client looks for."""
    at = now_text()
    online, total = services(vitals)
    return ServiceHealth(
        status=vitals.status,
        system_status=SYSTEM_WORDS[vitals.status],
        version=VERSION,
        timestamp=at,
        last_check=at,
        uptime=round(vitals.uptime.good_share * 100, 3),
        uptime_seconds=round(vitals.uptime_seconds, 3),
        services_online=online,
        total_services=total,
        components=_components(vitals, breaker),
        metrics=_metrics(vitals),
    )


def api_health(vitals: Vitals) -> ApiHealth:
    """Return the shape of ``/api/health``."""
    return ApiHealth(
        status=vitals.status,
        message=_MESSAGES[vitals.status],
        data=StatusOnly(status=vitals.status),
        database=_part(vitals.parts["database"]),
        version=VERSION,
        timestamp=now_text(),
    )


def health_json(vitals: Vitals) -> HealthJson:
    """Return the draft's shape; a missing worker is a warning."""
    at = now_text()
    checks = {
        name: [
            Check(
                componentType="datastore",
                status="pass"
                if part == "ok"
                else "fail"
                if name == "database"
                else "warn",
                time=at,
                output=None if part == "ok" else part,
            )
        ]
        for name, part in vitals.parts.items()
    }
    solvers = len(vitals.solvers)
    checks["workers"] = [
        Check(
            componentType="component",
            status="pass" if solvers else "warn",
            time=at,
            observedValue=None if vitals.workers is None else solvers,
            observedUnit="workers",
            output=None if solvers else NO_WORKERS,
        )
    ]
    checks["scheduler"] = [
        Check(
            componentType="component",
            status="pass" if vitals.is_ticking else "warn",
            time=at,
            output=None if vitals.is_ticking else "beat has not ticked lately",
        )
    ]
    lately = vitals.lately
    checks["requests:errorRate"] = [
        Check(
            componentType="system",
            status=_of_rate(lately.requests, lately.error_rate),
            time=at,
            observedValue=round(lately.error_rate, 4),
            observedUnit="ratio",
        )
    ]
    notes = [each.output for (each,) in checks.values() if each.output]
    worst = _VERDICTS[vitals.status]
    return HealthJson(
        status="warn" if worst == "pass" and notes else worst,
        version=VERSION.partition(".")[0],
        releaseId=VERSION,
        output="; ".join(notes) or None,
        checks=checks,
    )


def _of_rate(requests: int, rate: float) -> Verdict:
    if requests < LEAST_JUDGED or rate <= DEGRADED_ABOVE:
        return "pass"
    return "fail" if rate > UNHEALTHY_ABOVE else "warn"


def _part(code: str) -> str:
    return "healthy" if code == "ok" else code


def _components(vitals: Vitals, breaker: BreakerView) -> Components:
    engine = "ok" if vitals.solvers else "no_workers"
    shared = "ok" if vitals.has_redis else "degraded"
    ticking = {True: "running", False: "stopped", None: "unknown"}
    return Components(
        api="ok",
        optimization_engine="unknown" if vitals.workers is None else engine,
        cache=shared,
        rate_limiter=shared,
        circuit_breaker=breaker.state,
        database=PartStatus(status=_part(vitals.parts["database"])),
        events=PartStatus(status=_part(vitals.parts["events"])),
        broker=PartStatus(status=_part(vitals.parts["broker"])),
        scheduler=PartStatus(status=ticking[vitals.is_ticking]),
        websocket=SocketStatus(
            status="running" if vitals.has_redis else "waiting",
            active_connections=vitals.gauge(WEBSOCKETS),
        ),
        providers=_providers(vitals.watched),
    )


def _providers(watched: Watched) -> ProviderCounts:
    return ProviderCounts(
        total=watched.total,
        online=watched.count(ProviderState.ONLINE),
        degraded=watched.count(ProviderState.DEGRADED),
        offline=watched.count(ProviderState.OFFLINE),
    )


def _metrics(vitals: Vitals) -> HealthMetrics:
    lately = vitals.lately
    p50, p95, p99 = (
        round(lately.durations.quantile(q) * 1000, 3) for q in (0.5, 0.95, 0.99)
    )
    return HealthMetrics(
        total_requests=vitals.tally.total(HTTP_REQUESTS),
        error_rate=round(lately.error_rate, 6),
        cache_size=vitals.cache.size,
        active_requests=vitals.gauge(HTTP_ACTIVE),
        avg_response_time_ms=round(lately.durations.mean * 1000, 3),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        total_requests_hour=vitals.watched.calls_of_hour,
        total_failures_hour=vitals.watched.failures_of_hour,
        system_health=vitals.watched_health,
        shared=vitals.tally.is_shared,
    )


def services(vitals: Vitals) -> tuple[int, int]:
    """Return how many are there, and of how many: parts, and providers outside."""
    parts, outside = own_parts(vitals), vitals.watched.outside
    online = outside.get(ProviderState.ONLINE, 0)
    return sum(parts.values()) + online, len(parts) + sum(outside.values())


def own_parts(vitals: Vitals) -> dict[str, bool]:
    """Return what the service is made of, and whether each is there."""
    workers = vitals.workers or []
    return {
        "database": vitals.parts["database"] == "ok",
        "redis": vitals.has_redis,
        "broker": vitals.parts["broker"] == "ok",
        "solvers": bool(vitals.solvers),
        "couriers": any("webhooks" in worker.queues for worker in workers),
        "scheduler": bool(vitals.is_ticking),
        "relay": vitals.has_redis,
    }
