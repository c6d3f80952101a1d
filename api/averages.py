"""How well methods do: by this service's own history, else as they were measured."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from db.backplane import Backplane
from db.contracts.averages import Average, shipped_averages
from db.contracts.errors import UnavailableError
from db.repositories import history
from db.repositories.history import MethodRecord

SHORTEST_SECONDS = 1e-6
"""Its clients divide by run times: none is 0."""

ENOUGH_RUNS = 20
"""Of a method, before its history says more than the shipped measurement."""
FRESH_SECONDS = 15.0

Source = Literal["measured", "history"]


@dataclass(frozen=True, slots=True)
class KnownAverage:
    """What is told of a method, and where it comes from."""

    quality: float
    runtime_ms: float
    source: Source
    runs: int


class MethodAverages:
    """Read from history now and then: it is made of up to ten thousand rows."""

    def __init__(self, backplane: Callable[[], Backplane]) -> None:
        self._backplane = backplane
        self._records: Mapping[str, MethodRecord] = {}
        self._read_at: float | None = None
        self._reading = threading.Lock()

    def of(self, method: str) -> KnownAverage:
        """Return a method's average; every method of the catalogue has one."""
        return blend(shipped_averages().methods[method], self._recorded().get(method))

    def _recorded(self) -> Mapping[str, MethodRecord]:
        now = time.monotonic()
        is_fresh = self._read_at is not None and now - self._read_at <= FRESH_SECONDS
        # One looks, and nobody waits for it: a database may be long in answering.
        if is_fresh or not self._reading.acquire(blocking=False):
            return self._records
        try:
            self._read_at = now
            with self._backplane().database.reading() as connection:
                self._records = history.totals(connection).by_method
        except UnavailableError:
            # What was known still holds.
            pass
        finally:
            self._reading.release()
        return self._records


def blend(shipped: Average, record: MethodRecord | None) -> KnownAverage:
    """Return the history's average where it has enough runs; quality apart from time.

    What callers send may have no best known objective, and then no quality.
    """
    quality = shipped.avg_quality
    if (
        record is None
        or record.succeeded < ENOUGH_RUNS
        or record.mean_elapsed_s is None
    ):
        return KnownAverage(quality, shipped.avg_runtime_ms, "measured", shipped.runs)
    if record.mean_quality is not None:
        quality = record.mean_quality
    runtime_ms = 1000 * max(record.mean_elapsed_s, SHORTEST_SECONDS)
    return KnownAverage(quality, runtime_ms, "history", record.succeeded)
