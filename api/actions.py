"""What callers may do with jobs that there are."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection

from db import cancellation
from db.backplane import Backplane
from db.contracts.errors import (
    JobFinishedError,
    JobNotFinishedError,
    ServiceError,
    UnavailableError,
)
from db.contracts.job_state import JobState
from db.models import Job
from db.repositories import jobs, kept
from db.settlement import settle

PORTION = 500
"""Children deleted in one transaction: others want to write too."""


def cancel(backplane: Backplane, job_id: str) -> None:
    """Ask the job to stop; one that waits ends here and now.

    Raises NotFoundError, or JobFinishedError where it has ended otherwise.
    """
    with backplane.database.transaction() as connection:
        stopping = cancellation.request(connection, job_id)
    cancellation.tell(backplane, stopping)


def why_not_cancel(job: Job) -> ServiceError | None:
    """Return why the job cannot be asked to stop, if it cannot."""
    if job.state in {JobState.QUEUED, JobState.RUNNING, JobState.CANCELLED}:
        return None
    return JobFinishedError(f"the job has {job.state} and can no longer be cancelled")


def delete(backplane: Backplane, job_id: str) -> None:
    """Forget an ended job and, in portions, its children; webhooks owed are not sent.

    Raises NotFoundError, or JobNotFinishedError while something of it has not ended.
    """
    with backplane.database.reading() as connection:
        job = jobs.get_job(connection, job_id)
        refusal = why_not_delete(connection, job)
    if refusal is not None:
        raise refusal
    while job.children is not None:
        with backplane.database.reading() as connection:
            children = kept.children_of(connection, job_id, limit=PORTION)
        if not children:
            break
        _delete(backplane, children)
    _delete(backplane, [job_id])


def why_not_delete(connection: Connection, job: Job) -> ServiceError | None:
    """Return why the job cannot be deleted, if it cannot."""
    if not JobState(job.state).is_final:
        return JobNotFinishedError(f"the job is {job.state}")
    parent = None if job.parent_id is None else jobs.find_job(connection, job.parent_id)
    if parent is not None and not JobState(parent.state).is_final:
        return JobNotFinishedError(
            f"it is part of the {parent.kind} {parent.id}, which is {parent.state}",
            suggestion="Wait for the end of that, or cancel it first.",
        )
    return None


def _delete(backplane: Backplane, job_ids: Sequence[str]) -> None:
    with backplane.database.reading() as connection:
        followed = kept.followed(connection, job_ids)
    for leader_id in followed:
        settle(backplane, leader_id)
    with backplane.database.transaction() as connection:
        deleted = kept.delete_ended(connection, job_ids)
        left = jobs.get_jobs(connection, job_ids)
    # While it is away: the logs of ended jobs expire there by themselves.
    with suppress(UnavailableError):
        backplane.stream.forget(deleted)
    if left:
        raise JobNotFinishedError(
            f"jobs of equal work have still to hear of the end of {left[0].id}",
            suggestion="Send the same request again in a moment.",
        )
