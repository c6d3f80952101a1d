"""What is watched, in short: read now and then, for it is told all the time."""

import threading
import time
from collections.abc import Callable

from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.contracts.watched import Watched
from db.repositories.provider_statistics import watched

FRESH_SECONDS = 5.0
"""The checks of an hour are up to 60,000 of a thousand providers."""


class Watching:
    """One process' view of it."""

    def __init__(self, backplane: Callable[[], Backplane]) -> None:
        self._backplane = backplane
        self._seen = Watched()
        self._read_at: float | None = None
        self._reading = threading.Lock()

    def look(self) -> Watched:
        """Return how the watched are; while the database is away, how they were."""
        clock = time.monotonic()
        is_fresh = self._read_at is not None and clock - self._read_at <= FRESH_SECONDS
        # One looks, and nobody who has seen it before waits for it.
        if is_fresh or not self._reading.acquire(blocking=self._read_at is None):
            return self._seen
        try:
            with self._backplane().database.reading() as connection:
                self._seen = watched(connection)
        except UnavailableError:
            # What was known is all that is known.
            pass
        finally:
            self._read_at = clock
            self._reading.release()
        return self._seen
