"""What an evaluation came to: the digits, and everything that vouches for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from worker.precision.inputs import ExactInput


class Certainty(StrEnum):
    """What is known of the digits of a value."""

    EXACT = "exact"
    """The decimal is the value itself."""
    CORRECTLY_ROUNDED = "correctly_rounded"
    """No decimal of so many digits is nearer."""
    FAITHFUL = "faithful"
    """One of the two nearest: the value is too near the middle between them."""
    ZERO_WITHIN_BOUND = "zero_within_bound"
    """It is 0 or smaller than the bound; more precision did not tell."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What another algorithm, which shares no formula with the first, came to."""

    algorithm: str
    working_bits: int
    agreed_digits: int
    """Significant digits to which both balls lie in one interval."""
    terms: int | None = None
    """Of the series that it sums, where it sums one."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value, its bound and how it was found."""

    value: str
    """As many significant digits as were asked for; ``0`` for zero."""
    certainty: Certainty
    error_bound: str
    """No less than the distance of the value to the true one."""
    digits: int
    midpoint: str
    radius: str
    """The ball: the true value is no further from the midpoint."""
    working_bits: int
    """Of the ball; 0 where everything was rational."""
    precisions: tuple[int, ...]
    """All that were tried."""
    algorithm: str
    second: SecondOpinion | None = None
    no_second: str = ""
    """Why there is no second opinion."""
    terms: int | None = None
    inputs: Mapping[str, ExactInput] = field(default_factory=dict)
