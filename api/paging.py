"""Where a page of a listing ended, as callers hand it back."""

import base64
import binascii
import re

from api.instances import invalid
from db.repositories.jobs import Cursor

TIMES = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def write_cursor(created_at: float, record_id: str) -> str:
    """Return what the next page is asked for with."""
    return base64.urlsafe_b64encode(f"{created_at!r} {record_id}".encode()).decode()


def read_cursor(text: str, ids: re.Pattern[str]) -> Cursor:
    """Return the end of the page before, whose ids look like this."""
    try:
        decoded = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    created_at, _, record_id = decoded.partition(" ")
    # Nothing else may reach the database: no NaN, no NUL.
    if not (TIMES.fullmatch(created_at) and ids.fullmatch(record_id)):
        raise invalid(
            "#query/after",
            "this is not where a page ended",
            "Use the next of the page before, unchanged.",
        )
    return Cursor(float(created_at), record_id)
