"""The numeric core: solve quadratic assignment problems. Pure; knows no service."""

from worker.qap.bounds import BOUNDS
from worker.qap.certificate import certify, check
from worker.qap.delta import swap_delta
from worker.qap.exceptions import (
    InexactInstanceError,
    InfeasibleProblemError,
    InvalidInstanceError,
    InvalidParameterError,
    InvalidPermutationError,
    QAPError,
    QAPLIBFormatError,
    UnknownBoundError,
    UnknownInstanceError,
    UnknownMethodError,
    UnsupportedInstanceError,
)
from worker.qap.gap import gap_to_best_known, gap_to_bound
from worker.qap.graph_matching import Matching, match_graphs
from worker.qap.instance import Instance
from worker.qap.methods import METHODS
from worker.qap.objective import objective
from worker.qap.observer import Observer
from worker.qap.problem import Problem
from worker.qap.reduction import Reduction
from worker.qap.result import Improvements, Progress, Result, Termination
from worker.qap.solve import solve
from worker.qap.solve_problem import solve_problem
from worker.qap.stop import (
    GapLimit,
    Interrupt,
    IterationLimit,
    SameEnd,
    StallLimit,
    StopRule,
    TargetObjective,
    TimeLimit,
)
from worker.qap.warm_up import warm_up

__all__ = [
    "BOUNDS",
    "METHODS",
    "GapLimit",
    "Improvements",
    "InexactInstanceError",
    "InfeasibleProblemError",
    "Instance",
    "Interrupt",
    "InvalidInstanceError",
    "InvalidParameterError",
    "InvalidPermutationError",
    "IterationLimit",
    "Matching",
    "Observer",
    "Problem",
    "Progress",
    "QAPError",
    "QAPLIBFormatError",
    "Reduction",
    "Result",
    "SameEnd",
    "StallLimit",
    "StopRule",
    "TargetObjective",
    "Termination",
    "TimeLimit",
    "UnknownBoundError",
    "UnknownInstanceError",
    "UnknownMethodError",
    "UnsupportedInstanceError",
    "certify",
    "check",
    "gap_to_best_known",
    "gap_to_bound",
    "match_graphs",
    "objective",
    "solve",
    "solve_problem",
    "swap_delta",
    "warm_up",
]
