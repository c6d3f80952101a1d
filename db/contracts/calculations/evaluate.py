"""The value of an expression, to digits that are certain."""

from typing import Literal, Self

from pydantic import model_validator
from typing_extensions import override

from db.contracts.calculations.calculation import (
    Calculation,
    DecimalText,
    Outcome,
    Words,
)
from db.contracts.calculations.expression_parameters import (
    DEFAULT_EXPRESSION,
    CertaintyName,
    Digits,
    ExpressionParameters,
    estimate_s,
    surely_ends,
)


class EvaluateParameters(ExpressionParameters):
    """An expression and the values of its variables."""

    digits: Digits = 15
    """Significant digits; some functions allow fewer."""
    check: bool = True
    """Whether a second, independent algorithm has to agree."""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        self.check_expression()
        return self

    @property
    @override
    def evaluations(self) -> tuple[int, int]:
        return 1, self.digits


class ExactInputWords(Words):
    """The number that a variable stood for."""

    kind: Literal["integer", "decimal", "rational", "float"]
    """How it was given."""
    exact: str
    """The number in full: of a float its binary value."""


class SecondOpinionWords(Words):
    """What a second algorithm came to, which shares no formula with the first."""

    algorithm: str
    """Its name."""
    working_bits: int
    """Its precision."""
    agreed_digits: int
    """Significant digits to which both enclose one number."""
    terms: int | None
    """Of the series that it sums; null where it sums more than one."""


class EvaluateOutcome(Outcome):
    """A value, and everything that vouches for it."""

    value: DecimalText
    """As many significant digits as were asked for."""
    certainty: CertaintyName
    """exact: the decimal is the value. correctly_rounded: no decimal of so many digits
    is nearer. faithful: one of the two nearest. zero_within_bound: 0, or smaller than
    error_bound."""
    error_bound: DecimalText
    """The true value is no further from the decimal."""
    digits: int
    """As asked for."""
    midpoint: DecimalText
    """Of the ball that holds the true value."""
    radius: DecimalText
    """Of this ball."""
    working_bits: int
    """Of the precision that was enough; 0 where everything was rational."""
    precisions: list[int]
    """All that were tried, in bits."""
    algorithm: str
    """What the value was found by."""
    terms: int | None
    """Of the series that the second algorithm summed, where it is one."""
    second: SecondOpinionWords | None
    """What another algorithm says; null where there is none, or none was asked for."""
    no_second: str | None
    """Why there is no second opinion."""
    inputs: dict[str, ExactInputWords]
    """The variables that occur, as they were understood."""


EVALUATE = Calculation(
    name="evaluate",
    version="1",
    summary="The value of an expression, to digits that are certain.",
    topic="precision",
    parameters=EvaluateParameters,
    outcome=EvaluateOutcome,
    function="worker.calculations.evaluate:calculate",
    example={
        "expression": DEFAULT_EXPRESSION,
        "variables": {"x": "0.7"},
        "digits": 30,
    },
    estimate_s=estimate_s,
    is_bounded=surely_ends,
    is_interruptible=False,
)
