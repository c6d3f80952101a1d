"""How the value of an expression grows with the precision: data for a plot."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from typing_extensions import override

from db.contracts.calculations.calculation import (
    Calculation,
    DecimalText,
    Outcome,
    Words,
)
from db.contracts.calculations.evaluate import EvaluateOutcome
from db.contracts.calculations.expression_parameters import (
    DEFAULT_EXPRESSION,
    ExpressionParameters,
    estimate_s,
    surely_ends,
)

MAX_LEVELS = 200


class ConvergenceParameters(ExpressionParameters):
    """An expression, and to how many digits it is followed."""

    levels: Annotated[int, Field(ge=1, le=MAX_LEVELS)] = 15
    """The largest number of significant digits."""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        self.check_expression()
        return self

    @property
    @override
    def evaluations(self) -> tuple[int, int]:
        return self.levels, self.levels


class ConvergenceLevel(Words):
    """What so many digits come to."""

    digits: int
    """Significant ones."""
    value: DecimalText
    """Evaluated anew to these."""
    error: DecimalText
    """The distance from the certified value, rounded up; 0 where there is none."""
    working_bits: int
    """Of the precision that was enough."""
    terms: int | None
    """Of the Taylor series, where the expression is sin(x)*exp(-x**2/2)."""


class ConvergenceOutcome(Outcome):
    """The levels that were done, and what they are measured against."""

    certified: EvaluateOutcome
    """The value to ten digits more than the last level."""
    levels: list[ConvergenceLevel]
    """From one digit upwards."""
    is_complete: bool
    """Whether all levels were done before it was stopped."""


CONVERGENCE = Calculation(
    name="convergence",
    version="1",
    summary="Value, error, terms and working bits by the number of digits.",
    topic="precision",
    parameters=ConvergenceParameters,
    outcome=ConvergenceOutcome,
    function="worker.calculations.convergence:calculate",
    example={
        "expression": DEFAULT_EXPRESSION,
        "variables": {"x": "0.7"},
        "levels": 15,
    },
    estimate_s=estimate_s,
    is_bounded=surely_ends,
)
