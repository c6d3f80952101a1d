"""How many jobs may wait, of one caller and of all, and how long they will."""

import threading
import time
from collections import Counter

from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.errors import QuotaExceededError, ServiceFullError
from db.contracts.job_kind import Queue
from db.repositories import queues, turns
from db.repositories.queues import Pace

COUNTED_SECONDS = 1.0
"""The record is asked no more often; in between each process counts its own."""


class Room:
    """Refuses jobs for which there is no room, before anything is recorded."""

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._counting = threading.Lock()
        self._by_caller: Counter[str] = Counter()
        self._by_queue: Counter[str] = Counter()
        self._paces: dict[str, Pace | None] = {}
        self._counted_at = 0.0

    def enter(self, caller: Caller, queue: str = "") -> tuple[float, float] | None:
        """Count one more job as waiting; raise if that would be too many.

        Returns between how many seconds from now it should start, where other jobs
        are before it and the queue's pace is known.
        """
        settings = self._backplane.settings
        with self._counting:
            if time.monotonic() - self._counted_at > COUNTED_SECONDS:
                self._count()
            waiting = self._by_caller[caller.name]
            may_wait = caller.max_queued or settings.max_queued_per_caller
            if waiting >= may_wait:
                raise QuotaExceededError(
                    f"{waiting} of your jobs wait already; {may_wait} may"
                )
            if self._by_caller.total() >= settings.max_queued:
                raise ServiceFullError(
                    f"{self._by_caller.total()} jobs wait already; "
                    f"{settings.max_queued} may"
                )
            ahead = self._by_queue[queue]
            self._by_caller[caller.name] += 1
            self._by_queue[queue] += 1
            pace = self._paces.get(queue)
        return None if pace is None or not ahead else pace.wait(ahead)

    def _count(self) -> None:
        with self._backplane.database.reading() as connection:
            waiting = turns.waiting_jobs(connection)
            self._paces = {
                queue.value: queues.pace_of(connection, queue)
                for queue in Queue
                if any(at == queue for at, _ in waiting)
            }
        self._by_caller, self._by_queue = Counter(), Counter()
        for (queue, caller), count in waiting.items():
            self._by_caller[caller] += count
            self._by_queue[queue] += count
        self._counted_at = time.monotonic()
