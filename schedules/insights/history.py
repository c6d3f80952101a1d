"""What is looked at: plain numbers, wherever they were read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Solved:
    """A solve that ran until its time was over, or until it was proven."""

    at: float
    instance: str
    order: int
    method: str
    time_s: float
    """What it was given."""
    objective: float
    half_objective: float | None = None
    """Of the incumbent at half of its time; None where that is not kept."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of an hour's events were bad."""

    hour: int
    """Hours since 1970, UTC."""
    total: int
    bad: int


@dataclass(frozen=True, slots=True)
class Mean:
    """What an hour's durations were in the mean."""

    hour: int
    mean_s: float


@dataclass(frozen=True, slots=True)
class Load:
    """How busy those who solve were in an hour."""

    hour: int
    jobs: int
    wait_s: float
    run_s: float
    """Means of a job."""
    busy: float
    """Share of the slots, 0 to 1."""
    slots: float


@dataclass(frozen=True, slots=True)
class Work:
    """A solve that was done, and whether equal work had been done before."""

    at: float
    is_redone: bool
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class History:
    """Everything that is looked at, between two moments."""

    start: float
    end: float
    solved: tuple[Solved, ...] = ()
    failures: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    """Of the jobs as ``jobs``, and of providers by their ids."""
    latencies: Mapping[str, tuple[Mean, ...]] = field(default_factory=dict)
    arrivals: tuple[Count, ...] = ()
    """Every hour but the last, those without any included."""
    loads: tuple[Load, ...] = ()
    works: tuple[Work, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """What to call the series of providers."""

    def after(self, moment: float) -> "History":
        """Return what came later: whole hours only."""
        hour = -int(-moment // HOUR)
        return replace(
            self,
            start=max(self.start, moment),
            solved=tuple(each for each in self.solved if each.at > moment),
            failures={k: _since(v, hour) for k, v in self.failures.items()},
            latencies={k: _since(v, hour) for k, v in self.latencies.items()},
            arrivals=_since(self.arrivals, hour),
            loads=_since(self.loads, hour),
            works=tuple(each for each in self.works if each.at > moment),
        )


Hourly = TypeVar("Hourly", Count, Mean, Load)


def _since(told: Iterable[Hourly], hour: int) -> tuple[Hourly, ...]:
    return tuple(each for each in told if each.hour >= hour)
