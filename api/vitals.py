"""How the service is, at this moment: read as far as somebody asks for it.

What all processes share is read from where they share it. Each reading copes with the
absence of its source, so that what tells of a fault is not ended by it.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from api.state import ApiState
from db.cache import CacheUse, total
from db.contracts.errors import ServiceError, UnavailableError
from db.contracts.job_kind import OF_SOLVES
from db.contracts.job_state import JobState
from db.contracts.kinds import SHELVES
from db.contracts.living_worker import LivingWorker
from db.contracts.metric import HTTP_REQUESTS
from db.contracts.watched import Watched, WatchedHealth, health_of
from db.presence import Uptime
from db.repositories import alerts, deliveries, history, jobs, queues, rescues
from db.repositories.activity import Activity, activity, count_calculations
from db.repositories.history import Totals
from db.repositories.queues import Standing
from db.tally import Tally, UserRequests, of_users

logger = logging.getLogger(__name__)

LATELY_MINUTES = 5
LAST_SOLVES = 1000
"""By which solves are judged wherever that is told all the time."""
LEAST_JUDGED = 10
"""So few requests do not make a rate."""
DEGRADED_ABOVE, UNHEALTHY_ABOVE = 0.1, 0.5


class Status(StrEnum):
    """How the service is, in one word."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


_WATCHED = {
    Status.HEALTHY: WatchedHealth.HEALTHY,
    Status.DEGRADED: WatchedHealth.DEGRADED,
    Status.UNHEALTHY: WatchedHealth.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the database tells."""

    by_state: Mapping[str, int]
    queues: Mapping[str, Standing]
    paused: Mapping[str, float]
    owners: Sequence[str]
    """Of the attempts that run."""
    alerts: int
    """Those that are open and that nobody has acknowledged."""


class Vitals:
    """One look at the service."""

    def __init__(self, state: ApiState) -> None:
        self._state = state

    @cached_property
    def parts(self) -> dict[str, str]:
        """Return how each part is: ``ok``, or the code of what is wrong."""

        def database() -> None:
            with self._state.backplane.database.reading() as connection:
                jobs.database_time(connection)

        # Side by side: what says nothing at all is waited for once, not once a part.
        with ThreadPoolExecutor(2) as pool:
            of_database = pool.submit(_probe, database)
            of_broker = pool.submit(_probe, self._state.parts.broker.ping)
            events = self._events
            return {
                "database": of_database.result(),
                "events": events,
                "broker": of_broker.result(),
            }

    @cached_property
    def _events(self) -> str:
        """Return how the event server is; readings of Redis need no other part."""
        return _probe(self._state.parts.stream.ping)

    @property
    def has_redis(self) -> bool:
        """Whether what processes share can be read; asked before each such reading."""
        return self._events == "ok"

    @cached_property
    def tally(self) -> Tally:
        return self._state.meter.read()

    @cached_property
    def gauges(self) -> dict[str, float]:
        return self._state.meter.read_gauges()

    def gauge(self, name: str) -> int:
        """Return a gauge that only the processes themselves know."""
        return round(self.gauges.get(name, 0.0))

    @cached_property
    def lately(self) -> UserRequests:
        """Return users' requests of the last minutes."""
        recent = self._state.meter.read_recent(LATELY_MINUTES)
        return of_users(recent)

    @property
    def total_errors(self) -> int:
        """Return how many requests were answered with a 5xx."""
        counts = self.tally.counts(HTTP_REQUESTS)
        return sum(n for (*_, status), n in counts.items() if status.startswith("5"))

    @cached_property
    def recorded(self) -> Recorded | None:
        """Return what the database tells; None while it is away."""
        try:
            with self._state.backplane.database.reading() as connection:
                return Recorded(
                    by_state=jobs.count_by_state(connection),
                    queues={
                        queue.value: queues.standing_of(connection, queue)
                        for queue in OF_SOLVES
                    },
                    paused=queues.paused(connection),
                    owners=[job.owner for job in rescues.running_jobs(connection)],
                    alerts=alerts.count_new(connection),
                )
        except UnavailableError:
            return None

    @cached_property
    def backlog(self) -> deliveries.Backlog | None:
        """Return what is owed to webhooks; None while the database is away."""
        try:
            with self._state.backplane.database.reading() as connection:
                return deliveries.backlog(connection)
        except UnavailableError:
            return None

    @cached_property
    def totals(self) -> Totals:
        """Return what solves have come to; raises UnavailableError."""
        with self._state.backplane.database.reading() as connection:
            return history.totals(connection)

    @cached_property
    def activity(self) -> Activity:
        """Return how much is done for how many; raises UnavailableError."""
        with self._state.backplane.database.reading() as connection:
            return activity(connection)

    @cached_property
    def last_solves(self) -> Totals:
        """Return what the latest solves have come to; raises UnavailableError."""
        with self._state.backplane.database.reading() as connection:
            return history.totals(connection, last=LAST_SOLVES)

    @cached_property
    def last_calculations(self) -> Totals:
        """Return what the latest calculations have come to; raises UnavailableError."""
        with self._state.backplane.database.reading() as connection:
            return history.totals(
                connection, last=LAST_SOLVES, of=history.is_calculation()
            )

    @cached_property
    def calculations(self) -> tuple[int, int]:
        """Return how many have ended, and of the last day; raises UnavailableError."""
        with self._state.backplane.database.reading() as connection:
            return count_calculations(connection)

    @property
    def queued(self) -> int:
        recorded = self.recorded
        return 0 if recorded is None else recorded.by_state[JobState.QUEUED.value]

    @cached_property
    def workers(self) -> list[LivingWorker] | None:
        """Return the workers that live; None while nobody knows."""
        if not self.has_redis:
            return None
        try:
            return self._state.parts.presence.workers()
        except UnavailableError:
            return None

    @property
    def solvers(self) -> list[LivingWorker]:
        """Return those of the workers that run jobs."""
        return [each for each in self.workers or () if each.solves]

    @property
    def slots(self) -> int:
        return sum(worker.slots for worker in self.solvers)

    @property
    def busy_ratio(self) -> float:
        """Return the share of the slots that run a job; 0 where there are none."""
        if self.recorded is None or not self.slots:
            return 0.0
        return min(1.0, len(self.recorded.owners) / self.slots)

    @cached_property
    def is_ticking(self) -> bool | None:
        """Return whether beat ticks; None while nobody knows."""
        if not self.has_redis:
            return None
        try:
            return self._state.parts.presence.is_ticking()
        except UnavailableError:
            return None

    @cached_property
    def active_buckets(self) -> int | None:
        """Return how many of the limiter's buckets are in use; None if unknown."""
        if not self.has_redis:
            return None
        try:
            return self._state.parts.presence.active_buckets()
        except UnavailableError:
            return None

    @cached_property
    def cache(self) -> CacheUse:
        """Return how the whole cache is used."""
        return total(self.caches.values())

    @cached_property
    def caches(self) -> dict[str, CacheUse]:
        """Return how it is used, by what it keeps."""
        return self._state.parts.cache.use(SHELVES, is_away=not self.has_redis)

    @cached_property
    def watched(self) -> Watched:
        """Return how all that is watched is: what is outside, and the own parts."""
        return self._state.watching.look()

    @property
    def watched_health(self) -> WatchedHealth:
        """Return the word for it; where nobody is watched, for the service itself."""
        share = self.watched.online_share
        if share is None or self.parts["database"] != "ok":
            return _WATCHED[self.status]
        return health_of(share)

    @cached_property
    def uptime(self) -> Uptime:
        """Return the service's; while Redis is away this process' own."""
        found = None
        if self.has_redis:
            try:
                found = self._state.parts.presence.uptime()
            except UnavailableError:
                logger.debug("uptime unknown", extra={"action": "uptime_unknown"})
        if found is not None:
            return found
        share = 0.0 if self.status is Status.UNHEALTHY else 1.0
        return Uptime(self._state.began_at, share)

    @property
    def uptime_seconds(self) -> float:
        return max(0.0, time.time() - self.uptime.begun_at)

    @cached_property
    def status(self) -> Status:
        """Judge: by the parts that have to be there, and by faults of ours lately.

        What callers did wrong does not count, nor that no worker is there: their jobs
        wait.
        """
        lately = self.lately
        rate = lately.error_rate if lately.requests >= LEAST_JUDGED else 0.0
        if self.parts["database"] != "ok" or rate > UNHEALTHY_ABOVE:
            return Status.UNHEALTHY
        is_whole = all(part == "ok" for part in self.parts.values())
        if not is_whole or rate > DEGRADED_ABOVE:
            return Status.DEGRADED
        return Status.HEALTHY

    def note(self) -> None:
        """Say that the service answers, and once a minute how it is."""
        if not self.has_redis:
            return
        try:
            presence = self._state.parts.presence
            if presence.tell_service():
                presence.sample(is_good=self.status is not Status.UNHEALTHY)
        except UnavailableError:
            logger.debug("not noted", extra={"action": "health_not_noted"})


def _probe(check: Callable[[], None]) -> str:
    try:
        check()
    except ServiceError as error:
        return error.code
    except Exception:
        # Each broker has errors of its own, and all of them mean the same here.
        logger.debug("probe failed", extra={"action": "probe_failed"}, exc_info=True)
        return "unreachable"
    return "ok"
