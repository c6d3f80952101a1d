"""What findings are made of: plain arrays and tuples, whoever has read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

HOUR = 3600.0

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solve:
    """One solve that succeeded and did its work itself."""

    method: str
    instance: str
    family: str
    """What the library's instances of its sort are called; empty for others."""
    order: int
    time_limit_s: float | None
    objective: float
    elapsed_s: float
    fingerprint: str | None
    ended_at: float
    improvements: tuple[tuple[float, float], ...] = ()
    """Seconds and objective of its incumbents; none where they were not read."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Series by hour, of one length: hour ``k`` begins at ``begin + 3600 k``.

    ``nan`` is an hour that nobody has sampled.
    """

    begin: float
    series: Mapping[str, Numbers]

    @property
    def end(self) -> float:
        """When the last hour is over."""
        return self.begin + HOUR * self.count

    @property
    def count(self) -> int:
        return max((len(each) for each in self.series.values()), default=0)

    def of(self, name: str) -> Numbers:
        """Return a series; all ``nan`` where there is none."""
        return self.series.get(name, np.full(self.count, np.nan))

    def since(self, moment: float) -> "Hours":
        """Return the hours that began then or later."""
        skipped = max(0, int(np.ceil((moment - self.begin) / HOUR)))
        return Hours(
            self.begin + HOUR * skipped,
            {name: each[skipped:] for name, each in self.series.items()},
        )


@dataclass(frozen=True, slots=True)
class History:
    """All that is looked at."""

    solves: Sequence[Solve] = ()
    hours: Hours = field(default_factory=lambda: Hours(0.0, {}))

    def since(self, moment: float) -> "History":
        """Return what came later."""
        return replace(
            self,
            solves=[each for each in self.solves if each.ended_at > moment],
            hours=self.hours.since(moment),
        )
