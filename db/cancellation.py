"""Asks jobs to stop, whether a caller wants it or a schedule replaces them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.backplane import Backplane
from db.broker import Hint
from db.contracts.delivery import DELIVER_TASK, WEBHOOK_QUEUE
from db.contracts.errors import UnavailableError
from db.contracts.kinds import KINDS
from db.repositories import deliveries, jobs
from db.repositories.events import Milestone
from db.settlement import settle

logger = logging.getLogger(__name__)


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
    planned = deliveries.plan_deliveries(connection, ending) if ending else []
    hints = [Hint(DELIVER_TASK, each, WEBHOOK_QUEUE) for each in planned]
    if job.children is not None and ending is None:
        # Its children are stopped by whoever leads it on.
        hints.append(Hint(KINDS[job.kind].task, job.id, job.queue))
    return Stopping(job_id, ending, hints, job.leads)


def tell(backplane: Backplane, stopping: Stopping) -> None:
    """Tell of it; what does not arrive is read from the row, or told again."""
    backplane.broker.send_all(stopping.hints)
    try:
        if stopping.ending is None:
            backplane.stream.request_cancel(stopping.job_id)
        else:
            backplane.log.publish([stopping.ending])
    except UnavailableError:
        logger.warning("log waits", extra={"action": "log_waits"})
    if stopping.ending is not None and stopping.is_followed:
        settle(backplane, stopping.job_id)
