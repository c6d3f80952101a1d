"""What the financial calculations have in common: amounts, rates, dates, flows."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from db.contracts.calculations.calculation import Outcome, Words

MAX_FLOWS = 10_000
MAX_AMOUNT = 1e30
MAX_RATE = 1e6

Amount = Annotated[float, Field(strict=True, ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
"""Money, in any currency: positive comes in, negative goes out."""
Cost = Annotated[float, Field(strict=True, ge=0, le=MAX_AMOUNT)]
"""Money that goes out, written as a positive number."""
Rate = Annotated[float, Field(strict=True, gt=-1, le=MAX_RATE)]
"""As a fraction of a period: 0.1 is 10 %."""
CashFlows = Annotated[list[Amount], Field(min_length=1, max_length=MAX_FLOWS)]


def _only_text(value: Any) -> Any:
    if isinstance(value, str | date):
        return value
    raise PydanticCustomError(
        "date_type",
        "not a date",
        {"suggestion": 'Send it as "2026-01-31".'},
    )


Day = Annotated[date, BeforeValidator(_only_text)]
"""A calendar day, ``"2026-01-31"``."""
Days = Annotated[list[Day], Field(min_length=1, max_length=MAX_FLOWS)]


def check_lengths(first: int, second: int, *, name: str, other: str) -> None:
    """Refuse lists that belong together and are not of one length."""
    if first != second:
        raise PydanticCustomError(
            "unequal_lengths",
            "{name} has {first} entries, but {other} has {second}",
            {
                "name": name,
                "first": first,
                "other": other,
                "second": second,
                "path": (name,),
                "suggestion": f"Send one of {name} for each of {other}.",
            },
        )


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
