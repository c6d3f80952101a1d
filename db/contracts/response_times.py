"""How long answers took: counted by size, so that hours of them can be put together."""

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

GROWTH = 1.02
"""Each bucket is so many times as wide as the one before it."""
ACCURACY = (GROWTH - 1) / (GROWTH + 1)
"""How far a quantile may be from the observation that it stands for, of its size."""
SHORTEST_MS = 0.001
_LOG = math.log(GROWTH)


@dataclass(slots=True)
class ResponseTimes:
    """Observations in milliseconds; `merge` loses nothing that `add` has kept."""

    count: int = 0
    sum_ms: float = 0.0
    buckets: Counter[int] = field(default_factory=Counter)
    """Bucket ``i`` has those above ``GROWTH ** (i - 1)`` and up to ``GROWTH ** i``."""

    def add(self, took_ms: float) -> None:
        """Count one more."""
        self.count += 1
        self.sum_ms += took_ms
        self.buckets[math.ceil(math.log(max(took_ms, SHORTEST_MS)) / _LOG)] += 1

    def merge(self, other: Self) -> None:
        """Count all of the other's as well."""
        self.count += other.count
        self.sum_ms += other.sum_ms
        self.buckets.update(other.buckets)

    @property
    def mean_ms(self) -> float | None:
        """Exact; None where nothing was observed."""
        return self.sum_ms / self.count if self.count else None

    def quantile_ms(self, q: float) -> float | None:
        """Return the least observation that the share ``q`` does not exceed.

        It is right within `ACCURACY`; None where nothing was observed.
        """
        wanted = max(1, math.ceil(q * self.count))
        for bucket in sorted(self.buckets):
            wanted -= self.buckets[bucket]
            if wanted <= 0:
                # Of its two ends both are equally far, as parts of themselves.
                return 2.0 * GROWTH**bucket / (GROWTH + 1)
        return None

    def dump(self) -> str:
        """Return the buckets as they are kept."""
        return json.dumps({str(each): n for each, n in sorted(self.buckets.items())})

    @classmethod
    def load(cls, count: int, sum_ms: float, buckets: str) -> Self:
        """Return what was kept."""
        found = {int(each): n for each, n in json.loads(buckets).items()}
        return cls(count, sum_ms, Counter(found))
