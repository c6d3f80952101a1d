"""How long, how many jobs and which seed: the environment of the run says."""

import os
from dataclasses import dataclass
from typing import Self

LONGEST_MEAN_PAUSE_SECONDS = 3.0
FAULTS_AT_LEAST = 24


@dataclass(frozen=True)
class ChaosPlan:
    """The size of a run. The same seed draws the same jobs and the same faults."""

    seconds: float = 25.0
    """Of faults; more, until `jobs` are accepted."""
    jobs: int = 20
    seed: int = 1
    settle_seconds: float = 120.0
    """In which everything must have ended after the last fault."""
    max_repeated_share: float = 0.15
    freeze_seconds: float = 9.0
    """Longer than the lease: what wakes up finds its job given away."""
    waiting_jobs: int = 30
    """The clients submit no more while so many have not ended."""
    submitters: int = 3

    @classmethod
    def from_environment(cls) -> Self:
        """Read CHAOS_SECONDS, CHAOS_JOBS and CHAOS_SEED."""
        given = os.environ
        return cls(
            seconds=float(given.get("CHAOS_SECONDS", cls.seconds)),
            jobs=int(given.get("CHAOS_JOBS", cls.jobs)),
            seed=int(given.get("CHAOS_SEED", cls.seed)),
        )

    @property
    def pause_seconds(self) -> tuple[float, float]:
        """Between a fault and the next; in a short run every kind has its turn."""
        mean = min(LONGEST_MEAN_PAUSE_SECONDS, self.seconds / FAULTS_AT_LEAST)
        return 0.3 * mean, 1.7 * mean

    @property
    def longest_seconds(self) -> float:
        """The end of patience with a service that accepts too little."""
        return 2 * self.seconds + 120.0

    @property
    def timeout_seconds(self) -> float:
        """For the whole test: start, faults, settling, audit."""
        return self.longest_seconds + self.settle_seconds + 600.0
