"""Asks jobs to stop, whether a caller wants it or a schedule replaces them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from db import announcement
from db.backplane import Backplane
from db.broker import Hint
from db.contracts.errors import UnavailableError
from db.contracts.kinds import KINDS
from db.repositories import jobs
from db.repositories.events import Milestone
from db.settlement import settle


@dataclass(frozen=True, slots=True)
class Stopping:
    """A job that was asked to stop, and who is to hear of it after the commit."""

    job_id: str
    ending: Milestone | None
    """Of one that had not begun: it has ended."""
    hints: Sequence[Hint]
    is_followed: bool
    """Whether others may have counted on its end."""


def request(connection: Connection, job_id: str) -> Stopping:
    """Ask the job to stop; one that waits ends here and now.

    Raises NotFoundError, or JobFinishedError where it has ended otherwise.
    """
    job = jobs.get_job(connection, job_id)
    ending = jobs.request_cancel(connection, job_id)
    # A family's children are stopped by whoever leads it on.
    is_led = job.children is not None and ending is None
    hints = [Hint(KINDS[job.kind].task, job.id, job.queue)] if is_led else []
    return Stopping(job_id, ending, hints, job.leads)


def tell(backplane: Backplane, stopping: Stopping) -> None:
    """Tell of it; what does not arrive is read from the row, or told again."""
    ending = stopping.ending
    announcement.tell(
        backplane,
        [] if ending is None else [ending],
        hints=stopping.hints,
    )
    if ending is None:
        with suppress(UnavailableError):
            backplane.stream.request_cancel(stopping.job_id)
    elif stopping.is_followed:
        settle(backplane, stopping.job_id)
