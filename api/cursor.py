"""Where a listing of jobs goes on: opaque to callers, checked when it comes back."""

import base64
import binascii
import re

from api.dependencies import JOB_ID
from api.instances import invalid
from db.models import Job
from db.repositories.jobs import Cursor

TIMES = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def write_cursor(last: Job) -> str:
    """Return what names the last job of a page."""
    return base64.urlsafe_b64encode(f"{last.created_at!r} {last.id}".encode()).decode()


def read_cursor(text: str, *, pointer: str) -> Cursor:
    """Return the last job of the page before; ``pointer`` says where it was sent."""
    try:
        decoded = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    created_at, _, job_id = decoded.partition(" ")
    # Nothing else may reach the database: no NaN, no NUL.
    if not (TIMES.fullmatch(created_at) and JOB_ID.fullmatch(job_id)):
        raise invalid(
            pointer,
            "this is not where a page ended",
            "Use the next of the page before, unchanged.",
        )
    return Cursor(float(created_at), job_id)
