"""A small language for what answers must hold: said in tables, checked by one function.

A shape is a function from a value to what is wrong with it, or nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

Shape = Callable[[Any], Iterator[str]]


def faults(shape: Shape, value: Any) -> list[str]:
    """Return what is wrong with the value; nothing where it has the shape."""
    return list(shape(value))


def number(
    least: float | None = None, most: float | None = None, *, above: float | None = None
) -> Shape:
    """Say that it is a number, within these."""

    def check(value: Any) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{value!r} is no number"
        elif (
            (least is not None and value < least)
            or (most is not None and value > most)
            or (above is not None and value <= above)
        ):
            yield f"{value!r} is out of range"

    return check


def integer(least: int | None = None, most: int | None = None) -> Shape:
    """Say that it is an integer, within these."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, int):
            yield f"{value!r} is no integer"
        yield from number(least, most)(value)

    return check


def text(*choices: str) -> Shape:
    """Say that it is text that is not empty: one of these, if there are any."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not value:
            yield f"{value!r} is no text"
        elif choices and value not in choices:
            yield f"{value!r} is none of {choices}"

    return check


def boolean(value: Any) -> Iterator[str]:
    """Say that it is true or false."""
    if not isinstance(value, bool):
        yield f"{value!r} is no boolean"


def moment(value: Any) -> Iterator[str]:
    """Say that it is ISO 8601 with a time zone."""
    try:
        has_zone = datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        has_zone = False
    if not has_zone:
        yield f"{value!r} is no moment"


def anything(value: Any) -> Iterator[str]:
    """Say nothing of it, but that it is there."""
    del value
    yield from ()


def maybe(shape: Shape) -> Shape:
    """Say that it is null or has this shape."""

    def check(value: Any) -> Iterator[str]:
        if value is not None:
            yield from shape(value)

    return check


def list_of(
    shape: Shape = anything, *, length: int | None = None, least: int = 0
) -> Shape:
    """Say that it is a list of these, and how long it is."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{value!r} is no list"
            return
        if (length is not None and len(value) != length) or len(value) < least:
            yield f"it has {len(value)} entries"
        for index, each in enumerate(value):
            yield from (f"[{index}] {fault}" for fault in shape(each))

    return check


def map_of(shape: Shape, *, keys: frozenset[str] | None = None) -> Shape:
    """Say that it is an object whose values are these."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{value!r} is no object"
            return
        if keys is not None and set(value) != keys:
            yield f"it has the keys {sorted(value)}"
        for name, each in value.items():
            yield from (f".{name} {fault}" for fault in shape(each))

    return check


def fields(**shapes: Shape) -> Shape:
    """Say that it is an object with at least these fields."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{value!r} is no object"
            return
        for name, shape in shapes.items():
            if name not in value:
                yield f".{name} is missing"
            else:
                yield from (f".{name} {fault}" for fault in shape(value[name]))

    return check


def both(*shapes: Shape) -> Shape:
    """Say that it has all of these shapes."""

    def check(value: Any) -> Iterator[str]:
        for shape in shapes:
            yield from shape(value)

    return check
