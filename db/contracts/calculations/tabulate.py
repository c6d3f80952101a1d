"""The values of an expression at many points."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator
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
    Value,
    check_values,
    estimate_s,
    surely_ends,
)
from db.contracts.expression.limits import MAX_NAME_LENGTH, MAX_POINTS
from db.contracts.problem import problem

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


class TabulateParameters(ExpressionParameters):
    """An expression, and the points at which it is wanted."""

    variable: Annotated[str, Field(max_length=MAX_NAME_LENGTH)] = "x"
    """Which variable has the points as its values."""
    values: Annotated[list[Value], Field(max_length=MAX_POINTS)] | None = None
    """The points, or else a range."""
    range: Range | None = None
    """The points, or else values."""
    digits: Annotated[Digits, Field(le=MAX_TABLE_DIGITS)] = 15
    """Significant digits of each value."""
    check: bool = False
    """Whether a second, independent algorithm has to agree at every point."""

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Self:
        if (self.values is None) == (self.range is None):
            raise problem(
                "either values or a range says which points are meant",
                "Send values: [...], or range: {start, stop, count}.",
                "values",
            )
        if self.count * self.digits > MAX_CHARACTERS:
            raise problem(
                f"a table has at most {MAX_CHARACTERS} digits in all",
                "Ask for fewer points or digits.",
                "digits",
            )
        if self.range is not None:
            check_values({"start": self.range.start, "stop": self.range.stop}, "range")
        check_values(dict(enumerate(self.values or ())), "values")
        self.check_expression()
        return self

    @property
    @override
    def names(self) -> Mapping[str, Value]:
        return {**self.variables, self.variable: 0}

    @property
    @override
    def evaluations(self) -> tuple[int, int]:
        return self.count, self.digits

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
    estimate_s=estimate_s,
    is_bounded=surely_ends,
)
