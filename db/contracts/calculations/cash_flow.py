"""What the financial calculations have in common: amounts, rates, dates, flows."""

import re
from datetime import date
from itertools import pairwise
from math import fsum, sqrt
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from db.contracts.calculations.calculation import Outcome, Parameters, Words
from db.contracts.problem import problem

MAX_FLOWS = 10_000
MAX_AMOUNT = 1e30
MAX_RATE = 1e6
_HAIR = 1e-10
"""Added to eigenvalues: a singular correlation matrix is one too."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Amount = Annotated[float, Field(strict=True, ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
"""Money, in any currency: positive comes in, negative goes out."""
Cost = Annotated[float, Field(strict=True, ge=0, le=MAX_AMOUNT)]
"""Money that goes out, written as a positive number."""
Rate = Annotated[float, Field(strict=True, gt=-1, le=MAX_RATE)]
"""As a fraction of a period: 0.1 is 10 %."""
CashFlows = Annotated[list[Amount], Field(min_length=1, max_length=MAX_FLOWS)]


def _read_day(value: Any) -> Any:
    # By hand: bodies are read strictly, where pydantic takes no text for a date.
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date):
        return value
    raise problem("not a date", 'Send a day of the calendar, as "2026-01-31".')


Day = Annotated[date, BeforeValidator(_read_day)]
"""A calendar day, ``"2026-01-31"``."""
Days = Annotated[list[Day], Field(min_length=1, max_length=MAX_FLOWS)]


def check_lengths(first: int, second: int, *, name: str, other: str) -> None:
    """Refuse lists that belong together and are not of one length."""
    if first != second:
        raise problem(
            f"{name} has {first} entries, but {other} has {second}",
            f"Send one of {name} for each of {other}.",
            name,
        )


class DatedFlows(Parameters):
    """Amounts, and the days on which they are paid."""

    dates: Days
    """In any order, within 200 years; time 0 is the earliest."""
    cash_flows: CashFlows
    """One for each date; amounts of one day add up."""

    @model_validator(mode="after")
    def _one_date_each(self) -> Self:
        check_lengths(
            len(self.dates), len(self.cash_flows), name="dates", other="cash_flows"
        )
        return self


def refuse(detail: str, path: tuple[str | int, ...], suggestion: str) -> None:
    """Raise what tells where, below the model that checks, and what to do."""
    raise problem(detail, suggestion, *path)


class Normal(Words):
    """A normal distribution."""

    distribution: Literal["normal"]
    mean: Amount
    standard_deviation: Annotated[Cost, Field(gt=0)]


class Lognormal(Words):
    """A number whose logarithm is normal."""

    distribution: Literal["lognormal"]
    mean: Annotated[Cost, Field(gt=0)]
    """Of the number itself, not of its logarithm."""
    standard_deviation: Annotated[Cost, Field(gt=0)]
    """Likewise."""


class Uniform(Words):
    """Anything between two ends, alike."""

    distribution: Literal["uniform"]
    low: Amount
    high: Amount

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            refuse("low is not below high", ("low",), "Send low < high.")
        return self


class _Peaked(Words):
    low: Amount
    mode: Amount
    """The likeliest value."""
    high: Amount

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            refuse(
                "low, mode and high are not in order",
                ("mode",),
                "Send low <= mode <= high, and low < high.",
            )
        return self


class Triangular(_Peaked):
    """Between two ends, straight up to the mode and down."""

    distribution: Literal["triangular"]


class Pert(_Peaked):
    """A beta distribution between two ends, with mean (low + 4 mode + high) / 6."""

    distribution: Literal["pert"]


class Discrete(Words):
    """One of several values."""

    distribution: Literal["discrete"]
    values: Annotated[list[Amount], Field(min_length=1, max_length=1_000)]
    probabilities: list[Annotated[float, Field(strict=True, ge=0, le=1)]]
    """One each, together 1."""

    @model_validator(mode="after")
    def _sum_to_1(self) -> Self:
        check_lengths(
            len(self.probabilities),
            len(self.values),
            name="probabilities",
            other="values",
        )
        total = fsum(self.probabilities)
        if abs(total - 1) > 1e-9:
            refuse(
                f"the probabilities sum to {total:.9g}",
                ("probabilities",),
                "Make their sum 1.",
            )
        return self


Distribution = Annotated[
    Normal | Lognormal | Uniform | Triangular | Pert | Discrete,
    Field(discriminator="distribution"),
]
"""What a number is drawn from."""


def shrinking_factor(matrix: list[list[float]]) -> float:
    """Return the share of all correlations that is possible: 1 if the matrix is.

    Its smallest eigenvalue is bounded by whether Cholesky's decomposition of the matrix
    plus a hair exists; halving finds the share to a thousandth.
    """
    if _is_semidefinite(matrix, 1.0):
        return 1.0
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (
            (middle, high) if _is_semidefinite(matrix, middle) else (low, middle)
        )
    return low


def _is_semidefinite(matrix: list[list[float]], share: float) -> bool:
    rows: list[list[float]] = []
    for i, row in enumerate(matrix):
        made: list[float] = []
        for j in range(i):
            dot = sum(a * b for a, b in zip(made, rows[j], strict=False))
            made.append((share * row[j] - dot) / rows[j][j])
        rest = 1 + _HAIR - sum(value * value for value in made)
        if rest <= 0:
            return False
        rows.append([*made, sqrt(rest)])
    return True


def rates_estimate_s(flows: list[float], degree: int) -> float:
    """Return about how long it takes to find all rates of flows in order of time.

    One change of sign is settled at once; for more, intervals are taken apart.
    """
    signs = [flow > 0 for flow in flows if flow]
    changes = sum(a != b for a, b in pairwise(signs))
    return 1e-4 + degree * (2e-6 if changes < 2 else 1e-4)


class InternalRate(Words):
    """A rate at which the net present value is 0."""

    rate: float
    """The double nearest to it, as a fraction."""
    error_bound: float
    """Proved: the exact rate of the flows sent is no farther away than this."""
    multiplicity: int
    """1: the value passes through 0. Even: it touches 0 and keeps its sign."""


class InternalRateOutcome(Outcome):
    """All internal rates of return, and the one that is told."""

    irr: float | None
    """To four decimals; the only rate, or the one nearest to `guess`. Null if none."""
    irr_unrounded: float | None
    """The same, as the nearest double."""
    reason: str
    """Why it is that one, or why there is none."""
    is_unique: bool
    """Whether it is proved that there is no other rate above -1."""
    roots: list[InternalRate]
    """Every rate above -1, rising."""
    all_roots_found: bool
    """Whether it is proved that `roots` and `roots_out_of_range` are all."""
    roots_out_of_range: int
    """Rates that no double can hold: above 1e308, or closer to -1 than 1e-16."""
    sign_changes: int
    """Of the flows in order of time. Descartes: at most as many rates, counted with
    multiplicity, or an even number fewer."""
    norstrom_holds: bool
    """Whether the running total changes sign just once and does not end at 0: then
    just one rate is positive (Norstrom 1972)."""
    algorithm: str
    """How it was found, and how it is known that nothing was missed."""
