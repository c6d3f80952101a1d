"""Certified evaluation: answers are balls, and their digits correctly rounded."""

from worker.precision.convergence import Convergence, Level, convergence
from worker.precision.evaluate import evaluate
from worker.precision.evaluation import Certainty, Evaluation, SecondOpinion
from worker.precision.exceptions import (
    DisagreementError,
    InvalidValueError,
    OutOfReachError,
    OutsideDomainError,
    PrecisionError,
    StoppedError,
    TooLargeError,
    UndecidedError,
)
from worker.precision.inputs import ExactInput, exact_input
from worker.precision.tabulate import Row, evenly, tabulate

__all__ = [
    "Certainty",
    "Convergence",
    "DisagreementError",
    "Evaluation",
    "ExactInput",
    "InvalidValueError",
    "Level",
    "OutOfReachError",
    "OutsideDomainError",
    "PrecisionError",
    "Row",
    "SecondOpinion",
    "StoppedError",
    "TooLargeError",
    "UndecidedError",
    "convergence",
    "evaluate",
    "evenly",
    "exact_input",
    "tabulate",
]
