"""Starts the jobs of schedules: when due, after an outage, and when asked for.

Every function belongs into one transaction of the caller's, and holds the schedule's
row in it: of several processes that see the same due time, one deals with it.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, takewhile

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from db import cancellation
from db.acceptance import Accepted, Webhook, accept
from db.cancellation import Stopping
from db.contracts.delivery import USUAL_OF_JOB, read_events
from db.contracts.errors import InvalidInputError, JobFinishedError
from db.contracts.identifier import new_id
from db.contracts.job_kind import Origin
from db.contracts.kinds import KINDS
from db.contracts.schedule import MAX_COUNTED, Cause, Overlap, Seed, SkipReason
from db.models import Schedule
from db.repositories import jobs, schedule_runs, schedules
from db.repositories.jobs import NewJob
from db.timetable import Timetable

logger = logging.getLogger(__name__)

ON_TIME_SECONDS = 5.0
"""A due time that is late by no more than this was not missed."""
MAX_UNENDED = 100
"""Jobs of one schedule: where they pile up, no more are started."""


@dataclass(frozen=True, slots=True)
class Dealt:
    """What came of a due time, to be told once the transaction is over."""

    accepted: Accepted | None = None
    stopping: Sequence[Stopping] = ()
    """The jobs that this one replaces."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done for a schedule that is due."""

    run_at: float | None
    """The due time that gets a job."""
    cause: Cause
    missed: int
    """How many due times before it, from the first on, get none."""
    next_at: float | None


def choose_step(
    timetable: Timetable, *, due_at: float, moment: float, catch_up_s: float
) -> Step:
    """Decide about the due times from ``due_at`` up to the moment.

    The first that is on time gets a job. If none is, the last gets one, unless it is
    later than the window for catching up: after an outage there is at most one.
    """
    cause = Cause.DUE
    on_time = due_at
    if due_at < moment - ON_TIME_SECONDS:
        on_time = timetable.next_after(moment - ON_TIME_SECONDS) or moment + 1
    run_at: float | None = on_time
    if on_time > moment:
        cause = Cause.CATCH_UP
        # Due times are whole seconds: the first one itself is looked at too.
        window = max(due_at - 1, moment - catch_up_s)
        run_at = timetable.latest(after=window, until=moment)
    until = moment if run_at is None else run_at - 1
    given_up = takewhile(lambda at: at <= until, timetable.following(due_at - 1))
    return Step(
        run_at=run_at,
        cause=cause,
        missed=sum(1 for _ in islice(given_up, MAX_COUNTED)),
        next_at=timetable.next_after(moment if run_at is None else run_at),
    )


def take_step(
    connection: Connection, schedule_id: str, due_at: float, *, large_order: int = 0
) -> Dealt | None:
    """Deal with this due time, or return None: another process has."""
    held = schedules.claim_due(connection, schedule_id, due_at)
    if held is None:
        return None
    moment = jobs.database_time(connection)
    step = choose_step(
        schedules.timetable_of(held),
        due_at=due_at,
        moment=moment,
        catch_up_s=held.catch_up_s,
    )
    schedules.advance(
        connection, held, next_at=step.next_at, last_at=step.run_at or moment
    )
    if step.missed:
        schedule_runs.record_skip(
            connection,
            held.id,
            due_at=due_at,
            cause=Cause.DUE,
            reason=SkipReason.MISSED,
            times=step.missed,
        )
    if step.run_at is None:
        return Dealt()
    new = _due_job(held, step.run_at, large_order)
    return _mind_overlap(connection, held, new, due_at=step.run_at, cause=step.cause)


def start_waiting(
    connection: Connection, schedule_id: str, due_at: float, *, large_order: int = 0
) -> Dealt | None:
    """Start what waited for the job before it, or return None: it waits no longer."""
    held = schedules.claim_waiting(connection, schedule_id, due_at)
    if held is None:
        return None
    schedules.set_waiting(connection, held, None)
    new = _due_job(held, due_at, large_order)
    if new is None:
        schedule_runs.end_wait_skipped(connection, held.id, reason=SkipReason.INVALID)
        return Dealt()
    accepted = accept(connection, new, webhook=_webhook(held))
    schedule_runs.end_wait_started(connection, held.id, job_id=new.id)
    return Dealt(accepted)


def trigger(
    connection: Connection, schedule_id: str, *, large_order: int = 0
) -> Accepted:
    """Start a job now, whatever the clock says and whichever jobs run.

    Raises InvalidInputError if this version does not understand the stored request.
    """
    held = schedules.hold_schedule(connection, schedule_id)
    moment = jobs.database_time(connection)
    new = _new_job(held, moment, job_id=new_id("job"), large_order=large_order)
    accepted = accept(connection, new, webhook=_webhook(held))
    schedule_runs.record_start(
        connection, held.id, due_at=moment, cause=Cause.TRIGGER, job_id=new.id
    )
    return accepted


def drop_waiting(connection: Connection, held: Schedule) -> None:
    """Let the due time that waits, if one does, go by."""
    if held.waiting_at is not None:
        schedules.set_waiting(connection, held, None)
        schedule_runs.end_wait_skipped(connection, held.id, reason=SkipReason.PAUSED)


def job_id_of(schedule_id: str, due_at: float) -> str:
    """Return the one id that the job of this due time may have."""
    return f"job_{_digest(schedule_id, due_at)[:32]}"


def seed_of(schedule_id: str, due_at: float) -> int:
    """Return the seed of the job of this due time, below 2**53."""
    return int(_digest(schedule_id, due_at)[32:48], 16) >> 11


def _digest(schedule_id: str, due_at: float) -> str:
    return sha256(f"{schedule_id} {due_at:.6f}".encode()).hexdigest()


def _mind_overlap(
    connection: Connection,
    held: Schedule,
    new: NewJob | None,
    *,
    due_at: float,
    cause: Cause,
) -> Dealt:
    """Start the job, unless one of the same schedule stands in its way."""
    before = schedules.unended_jobs(connection, held.id, limit=MAX_UNENDED)
    reason = None if new else SkipReason.INVALID
    waits = False
    match Overlap(held.overlap):
        case Overlap.SKIP if before:
            reason = SkipReason.OVERLAP
        case Overlap.ALLOW if len(before) == MAX_UNENDED:
            reason = SkipReason.OVERLAP
        case Overlap.QUEUE_ONE if held.waiting_at is not None:
            reason = SkipReason.ONE_WAITS
        case Overlap.QUEUE_ONE if before:
            waits = True
    if new is None or reason is not None:
        schedule_runs.record_skip(
            connection,
            held.id,
            due_at=due_at,
            cause=cause,
            reason=reason or SkipReason.INVALID,
        )
        return Dealt()
    if waits:
        schedules.set_waiting(connection, held, due_at)
        schedule_runs.record_wait(connection, held.id, due_at=due_at, cause=cause)
        return Dealt()
    # First, so that the new job does not join work that is being stopped.
    replaces = held.overlap == Overlap.REPLACE
    stopping = _stop(connection, before) if replaces else []
    accepted = accept(connection, new, webhook=_webhook(held))
    schedule_runs.record_start(
        connection, held.id, due_at=due_at, cause=cause, job_id=new.id
    )
    return Dealt(accepted, stopping)


def _stop(connection: Connection, job_ids: Sequence[str]) -> list[Stopping]:
    stopping = []
    for job_id in job_ids:
        # One that has ended by itself meanwhile is in nobody's way.
        with suppress(JobFinishedError):
            stopping.append(cancellation.request(connection, job_id))
    return stopping


def _due_job(held: Schedule, due_at: float, large_order: int) -> NewJob | None:
    """Return the one job of this due time; None if its request is not understood."""
    try:
        job_id = job_id_of(held.id, due_at)
        return _new_job(held, due_at, job_id=job_id, large_order=large_order)
    except InvalidInputError as error:
        logger.error(
            "schedule not understood",
            extra={
                "action": "schedule_not_understood",
                "schedule_id": held.id,
                "kind": held.kind,
                "reason": error.message,
            },
        )
        return None


def _new_job(held: Schedule, due_at: float, *, job_id: str, large_order: int) -> NewJob:
    try:
        kind = KINDS[held.kind]
        request: BaseModel = kind.request.model_validate_json(held.request)
    except (KeyError, ValidationError) as error:
        raise InvalidInputError(
            "this version does not understand the schedule's job",
            suggestion="Send its job again, by PATCH.",
        ) from error
    if held.seed == Seed.EACH:
        request = kind.seeded(request, seed_of(held.id, due_at))
    return jobs.describe(
        kind,
        request,
        job_id=job_id,
        caller=held.caller,
        priority_s=held.priority_s,
        origin=Origin.SCHEDULE,
        origin_id=held.id,
        large_order=large_order,
    )


def _webhook(held: Schedule) -> Webhook | None:
    if held.webhook_url is None or held.webhook_secret is None:
        return None
    events = held.webhook_events
    return Webhook(
        held.webhook_url,
        held.webhook_secret,
        USUAL_OF_JOB if events is None else tuple(read_events(events)),
    )
