"""Why a run ended: the solver's word, apart from the job's state."""

from enum import StrEnum


class Termination(StrEnum):
    """The stop rule that fired. ``worker.qap.Termination`` has the same members."""

    OPTIMAL = "optimal"
    """The bound meets the objective."""
    GAP = "gap"
    """gap_to_bound is small enough."""
    TARGET = "target"
    """The objective reached what was asked for."""
    ITERATION_LIMIT = "iteration_limit"
    TIME_LIMIT = "time_limit"
    STALLED = "stalled"
    """No better incumbent for a while."""
    CANCELLED = "cancelled"
    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"
    """The worker is going away; never the end of a job, only of an attempt."""
