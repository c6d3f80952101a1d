"""How a job begins, whether a caller or a schedule wants it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from db.broker import Hint
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.models import Job
from db.repositories import deliveries, equal_work, jobs, turns
from db.repositories.events import Milestone
from db.repositories.jobs import NewJob

LEADERS_TRIED = 5


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a job's end is to be told, and what signs it."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A recorded job, and who is to hear of it once the transaction is over."""

    job: Job
    milestones: tuple[Milestone, ...]
    hint: Hint | None
    """For a worker; None if none need look at the job."""
    delivery_ids: Sequence[str] = ()


def accept(
    connection: Connection,
    new: NewJob,
    *,
    webhook: Webhook | None = None,
    done_by: str | None = None,
) -> Accepted:
    """Record the job. Equal work in flight is joined, and equal work done is shared.

    ``done_by`` is a job that is believed to have done the same work.
    """
    model = None if done_by is None else _model(connection, done_by, new)
    if model is not None:
        new = replace(new, held=True)
    job, milestone = _insert(connection, new)
    if webhook is not None:
        deliveries.add_endpoint(
            connection, job_id=job.id, url=webhook.url, secret=webhook.secret
        )
    if model is None:
        hint = None if job.held else Hint(KINDS[job.kind].task, job.id, job.queue)
        return Accepted(job, (milestone,), hint)
    ending = equal_work.end_alike(connection, job.id, model)
    assert ending is not None, "nobody else has seen this job"
    planned = deliveries.plan_deliveries(connection, ending)
    ended = jobs.get_job(connection, job.id, whole=True)
    return Accepted(ended, (milestone, ending), None, planned)


def _model(connection: Connection, job_id: str, new: NewJob) -> Job | None:
    """Return the job whose result the new one may share."""
    found = jobs.find_job(connection, job_id)
    is_done = (
        found is not None
        and found.state == JobState.SUCCEEDED
        and found.result is not None
        and found.fingerprint == new.fingerprint
    )
    return found if is_done else None


def _insert(connection: Connection, new: NewJob) -> tuple[Job, Milestone]:
    if not new.held:
        turns.enter_queue(connection, new.queue, new.caller)
    if new.fingerprint is None or new.held:
        return jobs.insert_job(connection, new)
    for _ in range(LEADERS_TRIED):
        leader = equal_work.find_leader(connection, new.fingerprint)
        if leader is not None:
            return jobs.insert_job(connection, replace(new, held=True, follows=leader))
        inserted = jobs.try_insert_job(connection, replace(new, leads=True))
        if inserted is not None:
            return inserted
    # Others with the same work come and go: this one runs by itself.
    return jobs.insert_job(connection, new)
