"""Certified evaluation: answers are balls, and their digits correctly rounded."""

from worker.precision.evaluate import evaluate
from worker.precision.evaluation import Certainty, Evaluation, SecondOpinion
from worker.precision.exceptions import (
    DisagreementError,
    InvalidValueError,
    OutsideDomainError,
    PrecisionError,
    StoppedError,
    TooLargeError,
    UndecidedError,
)

__all__ = [
    "Certainty",
    "DisagreementError",
    "Evaluation",
    "InvalidValueError",
    "OutsideDomainError",
    "PrecisionError",
    "SecondOpinion",
    "StoppedError",
    "TooLargeError",
    "UndecidedError",
    "evaluate",
]
