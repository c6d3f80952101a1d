"""The only way a job begins: validate, insert, commit, announce."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection

from api.instances import FoundInstance, pack_new
from api.request_id import note, traceparent
from api.state import ApiState
from db.acceptance import Accepted, Webhook, accept, find_model
from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.identifier import new_id
from db.contracts.job_kind import JobKind, Origin
from db.contracts.notification import EndWish
from db.models import Job
from db.repositories import jobs
from db.repositories.idempotency import NewKey, put_key
from db.repositories.instances import put_instance
from db.repositories.jobs import NewJob


@dataclass(frozen=True, slots=True)
class Proposal:
    """A job that somebody wants, resolved: everything but its acceptance."""

    kind: JobKind[Any, Any]
    request: BaseModel
    instances: Sequence[FoundInstance] = ()
    """Those that may still have to be stored."""
    webhook: Webhook | None = None
    priority_s: float = 0.0
    origin: Origin | None = None
    origin_id: str | None = None
    notify: EndWish | None = None
    """How its caller is to be notified of the end, if not as the request says."""


def answer_or_submit(
    state: ApiState, proposal: Proposal, *, caller: Caller
) -> tuple[Job, bool]:
    """Return the job that has lately done this work for the caller, or else a new one.

    With whether it had been done: then nothing is recorded, for nothing was accepted.
    """
    new = _describe(state, proposal, caller=caller)
    done_by = _find_done(state.backplane, proposal, new)
    if done_by is not None:
        with state.backplane.database.reading() as connection:
            model = find_model(connection, done_by, new)
        if model is not None:
            return model, True
    return _accept(state, proposal, new, caller=caller, done_by=None, key=None), False


def submit(
    state: ApiState,
    proposal: Proposal,
    *,
    caller: Caller,
    job_id: str | None = None,
    key: NewKey | None = None,
) -> Job:
    """Record the job, then announce it. One recorded and not announced is rescued."""
    new = _describe(state, proposal, caller=caller, job_id=job_id)
    done_by = _find_done(state.backplane, proposal, new)
    return _accept(state, proposal, new, caller=caller, done_by=done_by, key=key)


def _describe(
    state: ApiState, proposal: Proposal, *, caller: Caller, job_id: str | None = None
) -> NewJob:
    new = jobs.describe(
        proposal.kind,
        proposal.request,
        job_id=job_id or new_id("job"),
        caller=caller.name,
        priority_s=proposal.priority_s,
        origin=proposal.origin,
        origin_id=proposal.origin_id,
        traceparent=traceparent(),
        large_order=state.settings.large_order,
    )
    if proposal.notify is not None:
        new = replace(new, notify=proposal.notify.model_dump_json())
    return new


def _find_done(backplane: Backplane, proposal: Proposal, new: NewJob) -> str | None:
    """Return the job that is believed to have done the same work."""
    if new.fingerprint is None:
        return None
    return backplane.cache.find(new.fingerprint, proposal.kind.shelf(proposal.request))


def _accept(
    state: ApiState,
    proposal: Proposal,
    new: NewJob,
    *,
    caller: Caller,
    done_by: str | None,
    key: NewKey | None,
) -> Job:
    backplane = state.backplane
    wait = state.room.enter(caller, new.queue)
    if wait is not None:
        new = replace(new, eta_low_s=wait[0], eta_high_s=wait[1])

    packed = pack_new(state.known_instances, backplane, proposal.instances)

    def record(connection: Connection) -> Accepted:
        for instance in packed:
            put_instance(connection, instance)
        accepted = accept(connection, new, webhook=proposal.webhook, done_by=done_by)
        if key is not None:
            put_key(connection, key, new.id)
        return accepted

    accepted = backplane.database.share_transaction(record)
    note(job_id=accepted.job.id)
    # After commit: a worker may start before this function returns.
    state.announcer.announce(accepted)
    return accepted.job
