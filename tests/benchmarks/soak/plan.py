"""How long a soak lasts, how hard it works, and what is still called flat."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SoakPlan:
    """One run. The same seed draws the same load at the same moments."""

    database: str = "sqlite"
    minutes: float = 60.0
    jobs_per_second: float = 2.0
    """Arrivals of everything that begins a job, as a Poisson process."""
    reads_per_second: float = 3.0
    streams_per_second: float = 0.2
    """Sockets and streams that come, stay for some seconds and go without a word."""
    seed: int = 20261123
    sample_seconds: float = 10.0
    settle_seconds: float = 120.0
    """In which everything has to have ended after the last arrival."""
    worker_processes: int = 2

    @property
    def seconds(self) -> float:
        return 60 * self.minutes

    @property
    def lifetime_seconds(self) -> float:
        """How long caches keep: they have to be full well before memory is judged."""
        return self.seconds / 10
