"""Numbers as they were read: totals, histograms and what follows from them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from db.contracts.metric import BOUNDS, HTTP_DURATION, HTTP_REQUESTS, PROBES

Cell = tuple[str, ...]
"""A number's name, its part, and its labels' values in the metric's order."""
COUNT, SUM = "", "sum"
"""Parts: of a counter; of a histogram, whose other parts are numbers of buckets."""
Labels = tuple[str, ...]


class Histogram:
    """Observations by size."""

    def __init__(self) -> None:
        self.sum = 0.0
        self.buckets: defaultdict[int, float] = defaultdict(float)

    def add(self, part: str, amount: float) -> None:
        if part == SUM:
            self.sum += amount
        else:
            self.buckets[int(part)] += amount

    def merge(self, other: "Histogram") -> None:
        self.sum += other.sum
        for bucket, amount in other.buckets.items():
            self.buckets[bucket] += amount

    @property
    def count(self) -> int:
        return round(sum(self.buckets.values()))

    @property
    def mean(self) -> float:
        """0 where nothing was observed."""
        return self.sum / self.count if self.count else 0.0

    def at_most(self, bound: float) -> int:
        """Return how many were no larger than one of ``BOUNDS``."""
        return round(
            sum(
                amount
                for bucket, amount in self.buckets.items()
                if bucket < len(BOUNDS) and BOUNDS[bucket] <= bound
            )
        )

    def quantile(self, q: float) -> float:
        """Return what the share ``q`` of the observations does not exceed.

        It lies in the bucket of the exact answer, as if all of a bucket were spread
        evenly; 0 where nothing was observed.
        """
        wanted, below = q * self.count, 0.0
        for bucket in sorted(self.buckets):
            amount = self.buckets[bucket]
            if amount > 0 and below + amount >= wanted:
                if bucket == len(BOUNDS):
                    return BOUNDS[-1]
                low = BOUNDS[bucket - 1] if bucket else 0.0
                share = max(0.0, wanted - below) / amount
                return low + (BOUNDS[bucket] - low) * share
            below += amount
        return 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted, all processes together."""

    cells: Mapping[Cell, float]
    is_shared: bool = True
    """False while Redis is away: these are the numbers of this process alone."""

    def counts(self, name: str) -> dict[Labels, int]:
        """Return a counter's values by labels."""
        return {
            cell[2:]: round(amount)
            for cell, amount in sorted(self.cells.items())
            if cell[0] == name
        }

    def total(self, name: str) -> int:
        """Return a counter's value, whatever its labels."""
        return sum(self.counts(name).values())

    def histograms(self, name: str) -> dict[Labels, Histogram]:
        """Return a histogram by labels."""
        found: defaultdict[Labels, Histogram] = defaultdict(Histogram)
        for cell, amount in sorted(self.cells.items()):
            if cell[0] == name:
                found[cell[2:]].add(cell[1], amount)
        return dict(found)

    def histogram(self, name: str) -> Histogram:
        """Return a histogram, whatever its labels."""
        merged = Histogram()
        for each in self.histograms(name).values():
            merged.merge(each)
        return merged


@dataclass(frozen=True, slots=True)
class UserRequests:
    """What users asked for; what only watches the service is left out."""

    requests: int
    errors: int
    """Those answered with a 5xx."""
    durations: Histogram

    @property
    def error_rate(self) -> float:
        return self.errors / self.requests if self.requests else 0.0


def of_users(tally: Tally) -> UserRequests:
    """Return what was counted of users' requests."""
    counted = [
        (int(status), amount)
        for (_, route, status), amount in tally.counts(HTTP_REQUESTS).items()
        if route not in PROBES and status.isdecimal()
    ]
    durations = Histogram()
    for (route,), histogram in tally.histograms(HTTP_DURATION).items():
        if route not in PROBES:
            durations.merge(histogram)
    return UserRequests(
        requests=sum(amount for _, amount in counted),
        errors=sum(amount for status, amount in counted if status >= 500),
        durations=durations,
    )
