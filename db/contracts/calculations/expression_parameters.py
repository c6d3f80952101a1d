"""What the calculations of expressions have in common: the text and its variables."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

from db.contracts.calculations.calculation import Parameters
from db.contracts.expression import (
    Expression,
    ExpressionError,
    check_cost,
    check_value,
    estimate_seconds,
    is_bounded,
    parse,
    placed,
)
from db.contracts.expression.limits import MAX_DIGITS, MAX_LENGTH, MAX_VARIABLES
from db.contracts.problem import problem

DEFAULT_EXPRESSION = "sin(x)*exp(-x**2/2)"

ExpressionText = Annotated[str, Field(max_length=MAX_LENGTH)]
Value = StrictInt | StrictFloat | StrictStr
Values = Annotated[dict[str, Value], Field(max_length=MAX_VARIABLES)]
Digits = Annotated[int, Field(ge=1, le=MAX_DIGITS)]
CertaintyName = Literal["exact", "correctly_rounded", "faithful", "zero_within_bound"]


class ExpressionParameters(Parameters):
    """An expression and the values of its variables."""

    expression: ExpressionText = DEFAULT_EXPRESSION
    """Arithmetic (+ - * / ** and parentheses), known functions and constants, and the
    names of the variables. Literals are exact: 0.1 is one tenth."""
    variables: Values = Field(default_factory=dict)
    """A value for each name: a number, or text such as "0.1" or "22/7", which is taken
    exactly; a number with a fraction stands for its binary value."""

    @property
    def names(self) -> Mapping[str, Value]:
        """The names that have values."""
        return self.variables

    @property
    def evaluations(self) -> tuple[int, int]:
        """How many there are, and to how many digits at most."""
        raise NotImplementedError

    @property
    def parsed(self) -> Expression:
        """The expression, which has been checked."""
        return parse(self.expression, self.names)

    def check_expression(self) -> None:
        """Raise what is wrong with the expression, its variables or its cost."""
        check_values(self.variables)
        points, digits = self.evaluations
        try:
            parsed = self.parsed
        except ExpressionError as error:
            raise refused(error, "expression") from None
        try:
            check_cost(parsed, digits, points=points)
        except ExpressionError as error:
            raise refused(error, "digits") from None


def estimate_s(parameters: ExpressionParameters) -> float:
    """Return about how long it takes."""
    points, digits = parameters.evaluations
    return points * estimate_seconds(parameters.parsed, digits)


def surely_ends(parameters: ExpressionParameters) -> bool:
    """Return whether each evaluation surely ends, at whatever arguments."""
    return is_bounded(parameters.parsed)


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
    told = placed(error.message, error.position)
    return problem(told, error.suggestion or "Correct it.", *path)
