"""What a run says of itself, while it lasts and when it has ended."""

from dataclasses import dataclass
from enum import StrEnum

from worker.qap.arrays import IntVector, Matrix


class Termination(StrEnum):
    """Why a run ended."""

    OPTIMAL = "optimal"
    """The objective meets a proven bound: nothing better exists."""
    GAP = "gap"
    """The gap to the bound is as small as was asked."""
    TARGET = "target"
    """The objective is as low as was asked."""
    ITERATION_LIMIT = "iteration_limit"
    """The iterations allowed are used up."""
    TIME_LIMIT = "time_limit"
    """The time allowed is used up."""
    STALLED = "stalled"
    """No improvement for as long as was allowed, or nothing left to try."""
    CANCELLED = "cancelled"
    """Whoever asked for the run has called it off."""
    DEADLINE = "deadline"
    """The moment by which an answer is of use has come."""
    INTERRUPTED = "interrupted"
    """The process has to stop; the run may be resumed elsewhere."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands.

    Parameters
    ----------
    iterations
        Done so far.
    elapsed_s
        Seconds since the start.
    objective
        Of the incumbent.
    bound
        The best proven lower bound so far; None before there is one.
    last_improvement_s
        Seconds from the start to the last improvement of the incumbent.
    """

    iterations: int
    elapsed_s: float
    objective: int | float
    bound: int | float | None
    last_improvement_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Improvements:
    """The objective of each new incumbent, by iteration.

    Parameters
    ----------
    iterations
        Shape ``(k,)``, int64, rising; the first is 0: the permutation started from.
    objectives
        Shape ``(k,)``, int64 or float64, falling. Of more than 10,000 improvements
        the first 9,999 and the last are kept.
    """

    iterations: IntVector
    objectives: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """How a run ended.

    Parameters
    ----------
    method, method_version
        What ran.
    objective
        Of `permutation`, computed from scratch: exact for exact instances.
    permutation
        Shape ``(n,)``, int64: the incumbent at the end.
    bound
        The best proven lower bound, or None.
    bound_name
        What proved it: a bound or a method; None without a bound.
    termination
        Why the run ended.
    iterations
        How many were done.
    elapsed_s
        Seconds, by the clock that `solve` was given.
    improvements
        The same for the same seed and iterations, however the run was sliced.
    """

    method: str
    method_version: str
    objective: int | float
    permutation: IntVector
    bound: int | float | None
    bound_name: str | None
    termination: Termination
    iterations: int
    elapsed_s: float
    improvements: Improvements
