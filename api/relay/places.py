"""How many streams are open at once: of this process, and of each caller."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from db.contracts.caller import Caller
from db.contracts.errors import RateLimitedError, ServiceFullError
from db.contracts.settings import Settings

RETRY_SECONDS = 10.0
FULL = "This process has as many open streams as it takes."
TOO_MANY = "You have as many open streams as one caller may."
CLOSE_SOME = "Close some: one socket follows up to 128 topics."


class Place:
    """One open stream's."""

    def __init__(self, places: "Places", name: str) -> None:
        self._places = places
        self._name = name

    def is_of(self, caller: Caller) -> None:
        """Count it as this caller's; raise RateLimitedError where that has too many."""
        if caller.name != self._name:
            self._places.count(caller.name)
            self._places.discount(self._name)
            self._name = caller.name

    def leave(self) -> None:
        self._places.discount(self._name)


class Places:
    """All open streams of this process."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.max_streams
        self._most_of_one = settings.max_streams_per_caller
        self._by_caller: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many streams are open."""
        return self._by_caller.total()

    def take(self, caller: Caller) -> Place:
        """Return a place, which its holder has to leave.

        Raises ServiceFullError or RateLimitedError where there is none.
        """
        if self.taken >= self._most:
            full = ServiceFullError(FULL, suggestion="Try another process, or later.")
            full.retry_after_s = RETRY_SECONDS
            raise full
        self.count(caller.name)
        return Place(self, caller.name)

    @contextmanager
    def taking(self, caller: Caller) -> Iterator[Place]:
        """Hold a place for the time of the context."""
        place = self.take(caller)
        try:
            yield place
        finally:
            place.leave()

    def count(self, name: str) -> None:
        if self._by_caller[name] >= self._most_of_one:
            raise RateLimitedError(
                TOO_MANY,
                suggestion=CLOSE_SOME,
                retry_after_s=RETRY_SECONDS,
                policy="streams",
            )
        self._by_caller[name] += 1

    def discount(self, name: str) -> None:
        self._by_caller[name] -= 1
        if not self._by_caller[name]:
            del self._by_caller[name]
