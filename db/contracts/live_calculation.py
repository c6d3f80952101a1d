"""Calculations bound to the market feed: which of its numbers stands where."""

import json
from collections.abc import Mapping
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from db.contracts.json_pointer import NothingThereError, member, tokens_of
from db.contracts.market import MarketField, MarketValues

DEFAULT_EXPIRY_SECONDS = 3600.0
MAX_EXPIRY_SECONDS = 30 * 86_400.0
MAX_BINDINGS = 20
NUMBERS = frozenset({float, int})
UNIONS = (Union, UnionType)
VALUE = "value"

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


def usual_bindings(parameters: type[BaseModel]) -> dict[str, MarketField]:
    """Return the bindings of what is named as fields of the feed are."""
    return {
        f"/{field}": field for field in MarketField if field in parameters.model_fields
    }


def first_number(outcome: type[BaseModel]) -> str | None:
    """Return where an outcome has what it is about: ``value``, or its first number.

    What has none at its top has it in the first of its parts that has one.
    """
    fields = outcome.model_fields
    if VALUE in fields:
        return f"/{VALUE}"
    kinds = {name: _kinds(field.annotation) for name, field in fields.items()}
    for name, found in kinds.items():
        if not NUMBERS.isdisjoint(found):
            return f"/{name}"
    for name, found in kinds.items():
        for part in found:
            if isinstance(part, type) and issubclass(part, BaseModel):
                below = first_number(part)
                if below is not None:
                    return f"/{name}{below}"
    return None


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in UNIONS else (annotation,)


def _put(whole: Any, pointer: str, number: float) -> None:
    try:
        *leading, last = tokens_of(pointer)
        holder = whole
        for token in leading:
            holder = member(holder, token)
        if isinstance(holder, dict):
            holder[last] = number
        else:
            member(holder, last)
            holder[int(last)] = number
    except (NothingThereError, ValueError) as error:
        raise UnboundError(pointer) from error
