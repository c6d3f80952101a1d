"""Calculations bound to the market feed: which of its numbers stands where."""

import json
from collections.abc import Mapping
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from db.contracts.market import MarketField, MarketValues

DEFAULT_EXPIRY_SECONDS = 3600.0
MAX_EXPIRY_SECONDS = 30 * 86_400.0
MAX_BINDINGS = 20
NUMBERS = frozenset({float, int})
UNIONS = (Union, UnionType)

Bindings = Mapping[str, MarketField]
"""From JSON pointers into the parameters to fields of the feed."""


class UnboundError(LookupError):
    """The parameters have no place where the pointer points."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


def numbers_of(
    bindings: Bindings, values: MarketValues
) -> dict[MarketField, float] | None:
    """Return the numbers that are bound; None where the feed lacks one."""
    found = {field: values.of(field) for field in bindings.values()}
    numbers = {field: n for field, n in found.items() if n is not None}
    return numbers if len(numbers) == len(found) else None


def bound(
    parameters: Mapping[str, Any],
    bindings: Bindings,
    numbers: Mapping[MarketField, float],
) -> dict[str, Any]:
    """Return the parameters with the numbers in their places; raises UnboundError.

    A place is a field of an object that is there, whether it was given or not, or a
    member of a list that was given.
    """
    whole: dict[str, Any] = json.loads(json.dumps(parameters))
    for pointer, field in bindings.items():
        _put(whole, pointer, numbers[field])
    return whole


def has_changed(
    before: Mapping[str, float], after: Mapping[MarketField, float], *, share: float
) -> bool:
    """Return whether any number has changed by more than this share of itself."""
    return any(
        name not in before or abs(number - before[name]) > share * abs(before[name])
        for name, number in after.items()
    )


def change_between(before: float | None, after: float | None) -> float | None:
    """Return the difference of two numbers as they are written: 0.3 - 0.1 is 0.2."""
    if before is None or after is None:
        return None
    return float(Decimal(repr(after)) - Decimal(repr(before)))


def first_number(outcome: type[BaseModel]) -> str | None:
    """Return where an outcome has its first number, if it has one at its top."""
    for name, field in outcome.model_fields.items():
        kind = field.annotation
        kinds = get_args(kind) if get_origin(kind) in UNIONS else (kind,)
        if not NUMBERS.isdisjoint(kinds):
            return f"/{name}"
    return None


def _put(whole: Any, pointer: str, number: float) -> None:
    first, *tokens = (
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")
    )
    if first or not tokens:
        raise UnboundError(pointer)
    holder = whole
    for token in tokens[:-1]:
        holder = _member(holder, token, pointer)
    if isinstance(holder, dict):
        holder[tokens[-1]] = number
    else:
        _member(holder, tokens[-1], pointer)
        holder[int(tokens[-1])] = number


def _member(holder: Any, token: str, pointer: str) -> Any:
    if isinstance(holder, dict) and token in holder:
        return holder[token]
    is_index = token.isascii() and token.isdecimal() and token == str(int(token[:9]))
    if isinstance(holder, list) and is_index and int(token) < len(holder):
        return holder[int(token)]
    raise UnboundError(pointer)
