"""JSON pointers (RFC 6901): what stands where in a document."""

import re
from typing import Any

POINTER = re.compile(r"(/([^~/\x00]|~[01])*)+")
"""To a part of a document: the whole has none that is of use here."""
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
LARGEST = 1.7976931348623157e308
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{0,400})?([eE][+-]?[0-9]{1,3})?")


class NothingThereError(LookupError):
    """The document has no such place."""


def tokens_of(pointer: str) -> list[str]:
    """Return the names and numbers that lead there; raises NothingThereError."""
    first, *tokens = pointer.split("/")
    if first:
        raise NothingThereError(pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def member(holder: Any, token: str) -> Any:
    """Return a field of an object or an item of a list; raises NothingThereError."""
    if isinstance(holder, dict) and token in holder:
        return holder[token]
    is_item = isinstance(holder, list) and INDEX.fullmatch(token)
    if is_item and int(token) < len(holder):
        return holder[int(token)]
    raise NothingThereError(token)


def value_at(document: Any, pointer: str) -> Any:
    """Return what stands there; None where there is nothing."""
    found = document
    try:
        for token in tokens_of(pointer):
            found = member(found, token)
    except NothingThereError:
        return None
    return found


def number_at(document: Any, pointer: str) -> float | None:
    """Return the finite number that stands there, also one that is written as text."""
    found = value_at(document, pointer)
    if isinstance(found, str) and _NUMBER.fullmatch(found):
        found = float(found)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    # Compared before it is made a float: greater integers have none.
    return float(found) if abs(found) <= LARGEST else None
