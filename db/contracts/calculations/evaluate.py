"""The value of an expression, to digits that are certain."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StrictFloat, StrictInt, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from db.contracts.calculations.calculation import (
    Calculation,
    DecimalText,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.expression import (
    Expression,
    ExpressionError,
    check_cost,
    check_value,
    estimate_seconds,
    is_bounded,
    parse,
)
from db.contracts.expression.limits import MAX_DIGITS, MAX_LENGTH, MAX_VARIABLES

DEFAULT_EXPRESSION = "sin(x)*exp(-x**2/2)"

ExpressionText = Annotated[str, Field(max_length=MAX_LENGTH)]
Value = StrictInt | StrictFloat | StrictStr
Values = Annotated[dict[str, Value], Field(max_length=MAX_VARIABLES)]
Digits = Annotated[int, Field(ge=1, le=MAX_DIGITS)]
CertaintyName = Literal["exact", "correctly_rounded", "faithful", "zero_within_bound"]


class EvaluateParameters(Parameters):
    """An expression and the values of its variables."""

    expression: ExpressionText = DEFAULT_EXPRESSION
    """Arithmetic (+ - * / ** and parentheses), known functions and constants, and the
    names of the variables. Literals are exact: 0.1 is one tenth."""
    variables: Values = Field(default_factory=dict)
    """A value for each name: a number, or text such as "0.1" or "22/7", which is taken
    exactly; a number with a fraction stands for its binary value."""
    digits: Digits = 15
    """Significant digits; some functions allow fewer."""
    check: bool = True
    """Whether a second, independent algorithm has to agree."""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        check_values(self.variables)
        with_pointer(self.expression, self.variables, self.digits)
        return self


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


def with_pointer(
    expression: str, variables: Mapping[str, Value], digits: int, *, points: int = 1
) -> Expression:
    """Return the expression; what is wrong with it is said at its field."""
    try:
        parsed = parse(expression, variables)
    except ExpressionError as error:
        raise refused(error, "expression") from None
    try:
        check_cost(parsed, digits, points=points)
    except ExpressionError as error:
        raise refused(error, "digits") from None
    return parsed


def check_values(
    values: Mapping[str, Value] | Mapping[int, Value], field: str = "variables"
) -> None:
    """Raise what is wrong with a value at its name, or its place in a list."""
    for name, value in values.items():
        try:
            check_value(value)
        except ExpressionError as error:
            raise refused(error, field, name) from None


def refused(error: ExpressionError, *path: str | int) -> PydanticCustomError:
    """Return the error as the edge reads it: where, and what to do about it."""
    where = "" if error.position is None else f", at character {error.position + 1}"
    return PydanticCustomError(
        "expression",
        "{message}",
        {
            "message": error.message + where,
            "suggestion": error.suggestion or "Correct it.",
            "path": path,
        },
    )


def _parsed(parameters: EvaluateParameters) -> Expression:
    return parse(parameters.expression, parameters.variables)


def _estimate(parameters: EvaluateParameters) -> float:
    return estimate_seconds(_parsed(parameters), parameters.digits)


def _is_bounded(parameters: EvaluateParameters) -> bool:
    return is_bounded(_parsed(parameters))


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
    estimate_s=_estimate,
    is_bounded=_is_bounded,
    is_interruptible=False,
)
