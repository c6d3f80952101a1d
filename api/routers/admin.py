"""/admin: how the service is, for its operators, and what they may clear."""

import psutil
from fastapi import APIRouter

from api.breakers import engine_breaker, reset_breakers
from api.dependencies import StateDep
from api.health_views import breaker_standing, now_text
from api.measured_views import cache_stats, request_stats
from api.schemas.admin import (
    AdminStatus,
    BreakerReset,
    Cleared,
    LimiterView,
    MemoryView,
)
from api.vitals import Vitals
from db.contracts.errors import StreamUnavailableError
from db.contracts.kinds import SHELVES
from db.contracts.version import VERSION

router = APIRouter(prefix="/admin", tags=["admin"])

MEGABYTE = 1024 * 1024


@router.get("/status")
def status(state: StateDep) -> AdminStatus:
    """Return what the service does, holds and has done."""
    vitals = Vitals(state)
    memory, recorded = psutil.Process().memory_info(), vitals.recorded
    return AdminStatus(
        service="SolveQueue",
        version=VERSION,
        uptime_seconds=round(vitals.uptime_seconds, 3),
        requests=request_stats(vitals),
        jobs={} if recorded is None else dict(recorded.by_state),
        cache=cache_stats(vitals),
        circuit_breaker=breaker_standing(engine_breaker(state)),
        memory=MemoryView(
            rss_mb=round(memory.rss / MEGABYTE, 1),
            vms_mb=round(memory.vms / MEGABYTE, 1),
        ),
        rate_limiter=LimiterView(active_buckets=vitals.active_buckets),
        paused_queues=[] if recorded is None else sorted(recorded.paused),
        timestamp=now_text(),
    )


@router.post("/clear")
def clear(state: StateDep) -> Cleared:
    """Forget cached results and what was counted, in all processes.

    Never jobs, their results, events or deliveries: those are the record. Equal work
    is still found there, for as long as it may be shared.
    """
    if not Vitals(state).has_redis:
        raise StreamUnavailableError("What would be cleared is in Redis; it is away.")
    forgotten = state.backplane.cache.clear(SHELVES)
    state.meter.reset()
    return Cleared(
        status="cleared",
        message="Cached results and counters are cleared; jobs are as they were.",
        cached_results=forgotten,
    )


@router.post("/circuit-breaker/reset")
def reset_circuit_breaker(state: StateDep) -> BreakerReset:
    """Close the circuit breakers and forget their failures."""
    reset_breakers(state)
    return BreakerReset(status="reset", message="The circuit breakers are closed.")
