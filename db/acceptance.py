"""How a job begins, whether a caller or a schedule wants it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from db.broker import Hint
from db.contracts.delivery import USUAL_OF_JOB
from db.contracts.event import EventType
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.models import Job
from db.repositories import endpoints, equal_work, jobs, planning, turns
from db.repositories.events import Milestone
from db.repositories.jobs import NewJob

LEADERS_TRIED = 5


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a job's events are to be told, which, and what signs them."""

    url: str
    secret: str
    events: Sequence[EventType] = USUAL_OF_JOB


@dataclass(frozen=True, slots=True)
class Accepted:
    """A recorded job, and who is to hear of it once the transaction is over."""

    job: Job
    milestones: tuple[Milestone, ...]
    hint: Hint | None
    """For a worker; None if none need look at the job."""


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
    model = None if done_by is None else find_model(connection, done_by, new)
    if model is not None:
        new = replace(new, held=True)
    job, milestone = _insert(connection, new)
    if webhook is not None:
        milestone = _tell_its_own(connection, job, webhook, milestone)
    if model is None:
        hint = None if job.held else Hint(KINDS[job.kind].task, job.id, job.queue)
        return Accepted(job, (milestone,), hint)
    ending = equal_work.end_alike(connection, job.id, model)
    assert ending is not None, "nobody else has seen this job"
    ended = jobs.get_job(connection, job.id, whole=True)
    return Accepted(ended, (milestone, ending), None)


def _tell_its_own(
    connection: Connection, job: Job, webhook: Webhook, queued: Milestone
) -> Milestone:
    """Make the job's own endpoint, and owe it what came before it was there."""
    endpoint_id = endpoints.add_job_endpoint(
        connection,
        job_id=job.id,
        owner=job.caller,
        url=webhook.url,
        secret=webhook.secret,
        events=webhook.events,
    )
    if queued.draft.type not in webhook.events:
        return queued
    owed = planning.owe_first(
        connection, endpoint_id, job.id, ordinal=queued.ordinal, type_=queued.draft.type
    )
    return replace(queued, delivery_ids=(*queued.delivery_ids, owed))


def find_model(connection: Connection, job_id: str, new: NewJob) -> Job | None:
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
