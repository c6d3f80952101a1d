"""When to end a run. A rule looks at the progress and names its reason, or not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from worker.qap.exceptions import InvalidParameterError
from worker.qap.gap import gap_to_bound
from worker.qap.result import Progress, Termination


class StopRule(Protocol):
    """Anything that can say that a run is to end."""

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return why the run is to end now, or None."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """End when this much time has passed.

    Parameters
    ----------
    seconds
        At least 0.
    """

    seconds: float

    def __post_init__(self) -> None:
        _require_at_least(0, self.seconds, "seconds")

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return `TIME_LIMIT` once `seconds` have passed."""
        is_over = progress.elapsed_s >= self.seconds
        return Termination.TIME_LIMIT if is_over else None


@dataclass(frozen=True, slots=True)
class IterationLimit:
    """End after exactly this many iterations.

    Parameters
    ----------
    iterations
        At least 1.
    """

    iterations: int

    def __post_init__(self) -> None:
        _require_at_least(1, self.iterations, "iterations")

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return `ITERATION_LIMIT` once `iterations` are done."""
        is_over = progress.iterations >= self.iterations
        return Termination.ITERATION_LIMIT if is_over else None


@dataclass(frozen=True, slots=True)
class SameEnd:
    """End where another run of the same method, seed and start has ended.

    That run may have been stopped in the midst of an iteration, in which it had just
    found its incumbent. This one goes as far into it as that.

    Parameters
    ----------
    iterations
        Those that the other run had completed; at least 0.
    objective
        Of its incumbent.
    """

    iterations: int
    objective: int | float

    def __post_init__(self) -> None:
        _require_at_least(0, self.iterations, "iterations")

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return `ITERATION_LIMIT` there, or once it is missed."""
        if progress.iterations < self.iterations:
            return None
        is_missed = progress.iterations > self.iterations
        is_there = progress.objective <= self.objective
        return Termination.ITERATION_LIMIT if is_there or is_missed else None


@dataclass(frozen=True, slots=True)
class TargetObjective:
    """End when the objective is low enough.

    Parameters
    ----------
    objective
        Reached by an equal one.
    """

    objective: int | float

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return `TARGET` once the incumbent is no worse than `objective`."""
        is_over = progress.objective <= self.objective
        return Termination.TARGET if is_over else None


@dataclass(frozen=True, slots=True)
class GapLimit:
    """End when the gap to the bound is small enough.

    Parameters
    ----------
    gap
        A share, at least 0: 0.01 is one per cent.
    """

    gap: float

    def __post_init__(self) -> None:
        _require_at_least(0, self.gap, "gap")

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return `GAP` once there is a bound and it is near enough."""
        if progress.bound is None:
            return None
        is_over = gap_to_bound(progress.objective, progress.bound) <= self.gap
        return Termination.GAP if is_over else None


@dataclass(frozen=True, slots=True)
class StallLimit:
    """End when the incumbent has not improved for this long.

    Parameters
    ----------
    seconds
        At least 0.
    """

    seconds: float

    def __post_init__(self) -> None:
        _require_at_least(0, self.seconds, "seconds")

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return `STALLED` once `seconds` have passed without improvement."""
        stalled_s = progress.elapsed_s - progress.last_improvement_s
        return Termination.STALLED if stalled_s >= self.seconds else None


@dataclass(frozen=True, slots=True)
class Interrupt:
    """End when someone else says so.

    Parameters
    ----------
    poll
        Called between slices, so it must be quick; returns the reason, or None.
    """

    poll: Callable[[], Termination | None]

    def __call__(self, progress: Progress, /) -> Termination | None:
        """Return what `poll` says."""
        return self.poll()


def _require_at_least(minimum: float, value: float, field: str) -> None:
    if not value >= minimum:
        raise InvalidParameterError(
            f"{field} is {value}; the least allowed is {minimum}.",
            pointer=("stop", field),
            suggestion=f"Give {minimum} or more.",
        )
