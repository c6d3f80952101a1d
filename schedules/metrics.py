"""Samples the service's numbers every ten seconds, and keeps them in tiers.

Whoever is first in a period samples it. What could not be read then is a gap: nothing
is made up afterwards.
"""

import logging
import shutil
import time

import psutil

from db.backplane import Backplane
from db.cache import total
from db.contracts.errors import UnavailableError
from db.contracts.job_kind import OF_SOLVES
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS, SHELVES
from db.contracts.metric import JOBS_FINISHED, WEBSOCKETS
from db.contracts.provider import ProviderState
from db.contracts.series import Tier
from db.repositories import activity, metric_points, queues
from db.repositories.metric_points import Processors, Totals
from db.repositories.provider_statistics import watched
from db.repositories.queues import Standing
from db.tally import of_users

logger = logging.getLogger(__name__)

DAY_SECONDS, HOUR_SECONDS = 86_400.0, 3600.0
SHARED = "redis"
"""Where the cache counts for all processes."""
NOTHING = Standing(waiting=0, running=0, oldest_age_s=0.0)


def sample(backplane: Backplane) -> None:
    """Write this period's sample, unless somebody has, and roll up what is over."""
    with backplane.database.reading() as connection:
        at = metric_points.due_period(connection)
    if at is None:
        return
    recorded = _recorded(backplane)
    shared = _shared(backplane, recorded["jobs_running"])
    gauges = {**recorded, **shared, **_host(backplane)}
    totals = _totals(backplane)
    with backplane.database.transaction() as connection:
        metric_points.record(connection, at, gauges, totals)
        metric_points.roll_up(connection)


def forget(backplane: Backplane) -> None:
    """Delete samples, then what minutes and hours came to, of long ago."""
    settings = backplane.settings
    with backplane.database.transaction() as connection:
        deleted = metric_points.forget(
            connection,
            {
                Tier.RAW: settings.metric_sample_hours * HOUR_SECONDS,
                Tier.MINUTE: settings.metric_minute_days * DAY_SECONDS,
                Tier.HOUR: settings.metric_hour_days * DAY_SECONDS,
            },
        )
    logger.info("forgot", extra={"action": "metrics_forgotten", "count": deleted})


def _recorded(backplane: Backplane) -> dict[str, float]:
    """Return what the database tells."""
    with backplane.database.reading() as connection:
        queued = activity.count_queued(connection)
        standings = queues.standings(connection)
        providers = watched(connection)
    gauges: dict[str, float] = {
        "jobs_queued": queued,
        "jobs_running": sum(standing.running for standing in standings.values()),
        "providers": providers.total,
        "providers_online": providers.count(ProviderState.ONLINE),
        "providers_degraded": providers.count(ProviderState.DEGRADED),
        "providers_offline": providers.count(ProviderState.OFFLINE),
        "provider_requests_hour": providers.calls_of_hour,
        "provider_failures_hour": providers.failures_of_hour,
    }
    if providers.mean_ms is not None:
        gauges["provider_response"] = providers.mean_ms
    for queue in OF_SOLVES:
        standing = standings.get(queue.value, NOTHING)
        gauges[f"queue_waiting.{queue}"] = standing.waiting
        gauges[f"queue_oldest_age.{queue}"] = standing.oldest_age_s
    return gauges


def _shared(backplane: Backplane, running: float) -> dict[str, float]:
    """Return what processes tell of themselves; nothing while Redis is away."""
    try:
        workers = backplane.presence.workers()
    except UnavailableError:
        return {}
    slots = sum(worker.slots for worker in workers if worker.solves)
    gauges: dict[str, float] = {
        "workers": len(workers),
        "worker_slots": slots,
        "websockets": backplane.meter.read_gauges().get(WEBSOCKETS, 0.0),
    }
    if slots:
        gauges["worker_busy_ratio"] = min(1.0, running / slots)
    return gauges


def _host(backplane: Backplane) -> dict[str, float]:
    """Return how this host is."""
    memory = psutil.virtual_memory()
    home = backplane.settings.home.absolute()
    # What is not there yet would be made there.
    there = next(each for each in (home, *home.parents) if each.exists())
    return {
        "host_memory_ratio": memory.percent / 100,
        "home_disk_free": shutil.disk_usage(there).free,
    }


def _totals(backplane: Backplane) -> Totals | None:
    """Return what counters stand at; None while only this process' own are known."""
    tally = backplane.meter.read()
    if not tally.is_shared:
        return None
    counters: dict[str, float] = {}
    for kind in KINDS:
        counters |= {f"jobs_ended.{kind}": 0.0, f"jobs_failed.{kind}": 0.0}
    for (kind, _, state), count in tally.counts(JOBS_FINISHED).items():
        if kind in KINDS:
            counters[f"jobs_ended.{kind}"] += count
            if state == JobState.FAILED.value:
                counters[f"jobs_failed.{kind}"] += count
    users = of_users(tally)
    use = total(backplane.cache.use(SHELVES).values())
    if use.backend != SHARED:
        return None
    return Totals(
        at=time.time(),
        counters={
            **counters,
            "http_requests": users.requests,
            "http_errors": users.errors,
            "cache_hits": use.hits,
            "cache_misses": use.misses,
        },
        histograms={"http_duration": users.durations},
        processors=_processors(backplane),
    )


def _processors(backplane: Backplane) -> Processors:
    times = psutil.cpu_times()
    # The time of guests is users' too; while it waits for a disk nobody works.
    guests = sum(getattr(times, name, 0.0) for name in ("guest", "guest_nice"))
    known = sum(times) - guests
    idle = times.idle + getattr(times, "iowait", 0.0)
    return Processors(backplane.settings.host, known - idle, known)
