"""How the value of an expression grows with the precision: data for a plot."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from db.contracts.calculations.calculation import (
    Calculation,
    DecimalText,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.calculations.evaluate import (
    DEFAULT_EXPRESSION,
    EvaluateOutcome,
    ExpressionText,
    Values,
    check_values,
    with_pointer,
)
from db.contracts.expression import (
    Expression,
    estimate_seconds,
    is_bounded,
    parse,
)

MAX_LEVELS = 200


class ConvergenceParameters(Parameters):
    """An expression, and to how many digits it is followed."""

    expression: ExpressionText = DEFAULT_EXPRESSION
    """As of evaluate."""
    variables: Values = Field(default_factory=dict)
    """As of evaluate."""
    levels: Annotated[int, Field(ge=1, le=MAX_LEVELS)] = 15
    """The largest number of significant digits."""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        check_values(self.variables)
        with_pointer(self.expression, self.variables, self.levels, points=self.levels)
        return self


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


def _parsed(parameters: ConvergenceParameters) -> Expression:
    return parse(parameters.expression, parameters.variables)


def _estimate(parameters: ConvergenceParameters) -> float:
    seconds = estimate_seconds(_parsed(parameters), parameters.levels)
    return parameters.levels * seconds


def _is_bounded(parameters: ConvergenceParameters) -> bool:
    return is_bounded(_parsed(parameters))


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
    estimate_s=_estimate,
    is_bounded=_is_bounded,
)
