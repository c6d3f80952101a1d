"""What a suite wants, what it found, and whether that is enough."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from worker.qap.benchmark.plan import Budget, ClockName, PlannedRun
from worker.qap.benchmark.table import Row

SEEDS: Final = (1, 2, 3, 4, 5)
"""Of a full measurement."""


class Verdict(StrEnum):
    """Whether what was measured is what was wanted."""

    MET = "met"
    """It is."""
    MISSED = "MISSED"
    """It is not."""
    NOT_THERE = "not there"
    """The method is not in the registry, or nothing was run."""
    REPORTED = "reported"
    """Nothing particular was wanted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a suite's result.

    Parameters
    ----------
    wanted
        In the words of whoever wants it.
    measured
        In this run, on this machine.
    verdict
        Whether it is enough.
    """

    wanted: str
    measured: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller may change of a suite.

    Parameters
    ----------
    seeds
        Of the runs.
    seconds_scale
        What every time is multiplied with: 1 is what the suite means.
    clock
        Of the budgets.
    methods
        In place of the suite's own; empty means those.
    bounds
        Computed beside the searches, in their time.
    """

    seeds: tuple[int, ...] = SEEDS
    seconds_scale: float = 1.0
    clock: ClockName = "cpu"
    methods: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ("gilmore_lawler",)

    def budget(self, seconds: float) -> Budget:
        """Return the budget of so many seconds, scaled.

        Parameters
        ----------
        seconds
            As the suite means them.

        Returns
        -------
        Budget
            By the clock of these options.
        """
        return Budget(seconds=seconds * self.seconds_scale, clock=self.clock)


class Suite(Protocol):
    """A set of runs, or measurements of another kind, with what is wanted of them."""

    @property
    def summary(self) -> str:
        """One sentence: what it shows."""

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return what has to be run before `lines` can tell."""

    def lines(self, rows: list[Row], options: Options) -> list[Line]:
        """Return what was wanted and found; measure what is no run."""
