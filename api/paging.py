"""Where a page of a listing ended, as callers hand it back."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Protocol

from api.instances import invalid
from db.repositories.paging import Cursor

NUMBERS = re.compile(r"[0-9]{1,15}")
TIMES = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def write_cursor(created_at: float, record_id: str) -> str:
    """Return what the next page is asked for with."""
    return base64.urlsafe_b64encode(f"{created_at!r} {record_id}".encode()).decode()


class Listed(Protocol):
    """A record of a listing by when records were made."""

    @property
    def id(self) -> Any: ...

    @property
    def created_at(self) -> Any: ...


def next_after(found: Sequence[Listed], limit: int) -> str:
    """Return where the page of so many ends, if more were found; else nothing."""
    if len(found) <= limit:
        return ""
    last = found[limit - 1]
    return write_cursor(last.created_at, last.id)


def read_cursor(
    text: str | None, ids: re.Pattern[str], *, pointer: str = "#query/after"
) -> Cursor | None:
    """Return the end of the page before, whose ids look like this; None of the first.

    Raises InvalidInputError where it is none.
    """
    if text is None:
        return None
    try:
        decoded = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    created_at, _, record_id = decoded.partition(" ")
    # Nothing else may reach the database: no NaN, no NUL.
    if not (TIMES.fullmatch(created_at) and ids.fullmatch(record_id)):
        raise invalid(
            pointer,
            "this is not where a page ended",
            "Use the next of the page before, unchanged.",
        )
    return Cursor(float(created_at), record_id)


def read_number(text: str | None, *, pointer: str = "#query/after") -> int | None:
    """Return the number with which the page before ended; None of the first page.

    Raises InvalidInputError where it is none.
    """
    if text is None:
        return None
    if not NUMBERS.fullmatch(text):
        raise invalid(
            pointer,
            "this is not where a page ended",
            "Use the next of the page before, unchanged.",
        )
    return int(text)
