"""The values of an expression at many points."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from db.contracts.calculations.calculation import (
    Calculation,
    DecimalText,
    Outcome,
    Parameters,
    Words,
)
from db.contracts.calculations.evaluate import (
    DEFAULT_EXPRESSION,
    CertaintyName,
    Digits,
    ExpressionText,
    Value,
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
from db.contracts.expression.limits import MAX_NAME_LENGTH, MAX_POINTS

MAX_TABLE_DIGITS = 1_000
MAX_CHARACTERS = 4_000_000
"""Of all values together: points times digits."""


class Range(Words):
    """Points at equal distances, exactly; the ends are among them."""

    start: Value
    """The first point."""
    stop: Value
    """The last point."""
    count: Annotated[int, Field(ge=2, le=MAX_POINTS)]
    """How many points."""


class TabulateParameters(Parameters):
    """An expression, and the points at which it is wanted."""

    expression: ExpressionText = DEFAULT_EXPRESSION
    """As of evaluate."""
    variable: Annotated[str, Field(max_length=MAX_NAME_LENGTH)] = "x"
    """Which variable has the points as its values."""
    values: Annotated[list[Value], Field(max_length=MAX_POINTS)] | None = None
    """The points, or else a range."""
    range: Range | None = None
    """The points, or else values."""
    variables: Values = Field(default_factory=dict)
    """The values of the other variables."""
    digits: Annotated[Digits, Field(le=MAX_TABLE_DIGITS)] = 15
    """Significant digits of each value."""
    check: bool = False
    """Whether a second, independent algorithm has to agree at every point."""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        if (self.values is None) == (self.range is None):
            raise PydanticCustomError(
                "points",
                "either values or a range says which points are meant",
                {
                    "suggestion": "Send values: [...], or range: {start, stop, count}.",
                    "path": ("values",),
                },
            )
        if self.count * self.digits > MAX_CHARACTERS:
            raise PydanticCustomError(
                "points",
                "a table has at most {most} digits in all",
                {
                    "most": MAX_CHARACTERS,
                    "suggestion": "Ask for fewer points or digits.",
                    "path": ("digits",),
                },
            )
        check_values(self.variables)
        if self.range is not None:
            check_values({"start": self.range.start, "stop": self.range.stop}, "range")
        for number, value in enumerate(self.values or ()):
            check_values({number: value}, "values")
        names = {**self.variables, self.variable: 0}
        with_pointer(self.expression, names, self.digits, points=self.count)
        return self

    @property
    def count(self) -> int:
        """How many points there are."""
        if self.range is not None:
            return self.range.count
        return len(self.values or ())


class TabulateRow(Words):
    """One point."""

    point: str
    """Exactly: a decimal, or p/q."""
    value: DecimalText | None
    """Null where there is none."""
    certainty: CertaintyName | None
    """As of evaluate."""
    error_bound: DecimalText | None
    """As of evaluate."""
    problem: str | None
    """Why there is no value."""


class TabulateOutcome(Outcome):
    """The table, as far as it was done."""

    rows: list[TabulateRow]
    """In the order of the points."""
    is_complete: bool
    """Whether all points were done before it was stopped."""


def _parsed(parameters: TabulateParameters) -> Expression:
    names = {**parameters.variables, parameters.variable: 0}
    return parse(parameters.expression, names)


def _estimate(parameters: TabulateParameters) -> float:
    seconds = estimate_seconds(_parsed(parameters), parameters.digits)
    return parameters.count * seconds


def _is_bounded(parameters: TabulateParameters) -> bool:
    return is_bounded(_parsed(parameters))


TABULATE = Calculation(
    name="tabulate",
    version="1",
    summary="The values of an expression at many points, each digit certain.",
    topic="precision",
    parameters=TabulateParameters,
    outcome=TabulateOutcome,
    function="worker.calculations.tabulate:calculate",
    example={
        "expression": DEFAULT_EXPRESSION,
        "range": {"start": -2, "stop": "2", "count": 9},
        "digits": 20,
    },
    estimate_s=_estimate,
    is_bounded=_is_bounded,
)
