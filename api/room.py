"""How many jobs may wait: of one caller, and of all."""

import threading
import time
from collections import Counter

from db.backplane import Backplane
from db.contracts.errors import QuotaExceededError, ServiceFullError
from db.repositories import turns

COUNTED_SECONDS = 1.0
"""The record is asked no more often; in between each process counts its own."""


class Room:
    """Refuses jobs for which there is no room, before anything is recorded."""

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._counting = threading.Lock()
        self._waiting: Counter[str] = Counter()
        self._counted_at = 0.0

    def enter(self, caller: str, jobs: int = 1) -> None:
        """Count the caller's jobs as waiting; raise if they would be too many."""
        settings = self._backplane.settings
        with self._counting:
            if time.monotonic() - self._counted_at > COUNTED_SECONDS:
                with self._backplane.database.reading() as connection:
                    self._waiting = Counter(turns.waiting_by_caller(connection))
                self._counted_at = time.monotonic()
            if self._waiting[caller] + jobs > settings.max_queued_per_caller:
                raise QuotaExceededError(
                    f"{self._waiting[caller]} of your jobs wait already; "
                    f"{settings.max_queued_per_caller} may"
                )
            if self._waiting.total() + jobs > settings.max_queued:
                raise ServiceFullError(
                    f"{self._waiting.total()} jobs wait already; "
                    f"{settings.max_queued} may"
                )
            self._waiting[caller] += jobs
