"""Leads on a job that is made of others: begin, open, stop, and put together.

Whoever notices that there is something to do calls `lead_on`: the worker that has ended
a child, the message sent when the job was accepted or cancelled, the reconciler. Each
step is one transaction that holds the parent's row; none depends on the one before
having been made by the same process. See ADR 0021.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from db.announcement import tell
from db.backplane import Backplane
from db.broker import Hint
from db.contracts.errors import (
    ErrorRecord,
    InternalError,
    JobFinishedError,
    LeaseLostError,
    ServiceError,
    UnavailableError,
)
from db.contracts.event import FamilyEnded
from db.contracts.identifier import new_id
from db.contracts.job_kind import SOLVES, Child, Family, JobResult
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.termination import Termination
from db.models import Job
from db.repositories import (
    attempts,
    equal_work,
    events,
    families,
    jobs,
    turns,
)
from db.repositories.events import Milestone
from db.repositories.families import PAGE, Parent
from worker.family import load_family, tell_progress
from worker.handler import load_function

logger = logging.getLogger(__name__)

MAX_OPENED = 100
"""Children opened in one transaction: others want to write too."""


@dataclass(slots=True)
class _Step:
    """What one transaction did, and what has to be told of it."""

    milestones: list[Milestone] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    stopping: list[str] = field(default_factory=list)
    """Running children that were asked to stop."""
    hits: int = 0
    misses: int = 0
    """Children whose work had been done lately, or had not."""
    has_more: bool = False
    has_ended: bool = False
    """Whether no child can change any more."""
    why_stopped: Termination | None = None


def lead_on(backplane: Backplane, parent_id: str) -> None:
    """Do what is to be done for this job now; nothing if it has ended."""
    # A look first: most ends of children leave nothing to write, and writers queue.
    with backplane.database.reading() as connection:
        waiting = _find_waiting(connection, parent_id)
    if waiting is not None:
        tell_progress(backplane, parent_id, waiting.kind)
        return
    expander = _Expander(backplane.settings.large_order)
    while True:
        with backplane.database.transaction() as connection:
            parent = families.hold_parent(connection, parent_id)
            if parent is None:
                return
            max_age = backplane.settings.cache_seconds
            step = _take_step(connection, parent, expander, max_age)
        _tell(backplane, step)
        if step.has_ended:
            _finish(backplane, parent, step.why_stopped)
            return
        if not step.has_more:
            tell_progress(backplane, parent_id, parent.kind)
            return


def _find_waiting(connection: Connection, parent_id: str) -> Parent | None:
    """Return the parent, if all that is left is that workers end its children.

    Of the workers that end the last two at once, one sees that both have ended: each
    looks after its own commit.
    """
    parent = families.find_parent(connection, parent_id)
    if parent is None or parent.state is JobState.QUEUED:
        return None
    counts = families.count_children(connection, parent.id, total=parent.children)
    if counts.waiting or not counts.queued + counts.running:
        return None
    return parent if _why_stop(connection, parent) is None else None


class _Expander:
    """Makes children of a request that is read once: it may be large."""

    def __init__(self, large_order: int) -> None:
        self.large_order = large_order
        self._request: Any = None

    def children(
        self, connection: Connection, parent: Parent, made: int
    ) -> Sequence[Child]:
        kind = KINDS[parent.kind]
        if self._request is None:
            text = families.request_of(connection, parent.id)
            self._request = kind.request.model_validate_json(text)
        return _family(parent).children(self._request, made, made + PAGE)


def _take_step(
    connection: Connection, parent: Parent, expander: _Expander, max_age: float
) -> _Step:
    step = _Step()
    if parent.state is JobState.QUEUED:
        step.milestones.append(families.start_parent(connection, parent))
    step.why_stopped = _why_stop(connection, parent)
    if step.why_stopped is not None:
        _stop_children(connection, parent, step)
        return step
    made = families.made_children(connection, parent.id)
    if made < parent.children:
        made += _make_children(connection, parent, expander, made)
    is_open = families.open_count(connection, parent.id)
    room = min(parent.fan_out - is_open, MAX_OPENED)
    held = families.next_held(connection, parent.id, limit=max(1, room))
    if room > 0 and held:
        _open(connection, parent, held, step, max_age)
        # Those done before have left room, and there may be more to open.
        step.has_more = step.hits > 0 or len(held) == MAX_OPENED
    if made < parent.children:
        step.has_more = True
    elif not held and not is_open:
        step.has_ended = True
    return step


def _why_stop(connection: Connection, parent: Parent) -> Termination | None:
    if parent.is_stopping:
        return Termination.CANCELLED
    if parent.is_overdue:
        return Termination.DEADLINE
    ends_race = _family(parent).ends_race
    if ends_race is not None:
        results = families.results_of(connection, parent.id)
        if any(ends_race(JobResult.model_validate_json(each)) for each in results):
            # The race is run; the handler says by whose reason.
            return Termination.INTERRUPTED
    return None


def _stop_children(connection: Connection, parent: Parent, step: _Step) -> None:
    left = families.open_children(connection, parent.id)
    for job_id, _ in left:
        try:
            ending = jobs.request_cancel(connection, job_id)
        except JobFinishedError:
            # Of its own, since they were counted.
            continue
        if ending is None:
            step.stopping.append(job_id)
        else:
            step.milestones.append(ending)
    step.has_more = len(left) == PAGE and bool(step.milestones)
    # Those that still run call again when they have ended.
    step.has_ended = not step.stopping and not step.has_more


def _make_children(
    connection: Connection, parent: Parent, expander: _Expander, made: int
) -> int:
    children = expander.children(connection, parent, made)
    for child in children:
        jobs.insert_job(
            connection,
            jobs.describe(
                KINDS[child.kind],
                child.request,
                job_id=new_id("job"),
                caller=parent.caller,
                priority_s=parent.priority_s,
                traceparent=parent.traceparent,
                parent_id=parent.id,
                position=child.position,
                held=True,
                large_order=expander.large_order,
            ),
        )
    return len(children)


def _open(
    connection: Connection,
    parent: Parent,
    held: Sequence[Job],
    step: _Step,
    max_age: float,
) -> None:
    for queue in {child.queue for child in held}:
        turns.enter_queue(connection, queue, parent.caller)
    opened = []
    for child in held:
        ending = _end_by_equal_work(connection, child, max_age)
        if ending is not None:
            step.milestones.append(ending)
            step.hits += 1
            continue
        step.misses += child.fingerprint is not None
        opened.append(child.id)
        step.hints.append(Hint(KINDS[child.kind].task, child.id, child.queue))
    if opened:
        families.open_held(connection, opened)
        step.milestones += events.milestones_of(connection, opened)


def _end_by_equal_work(
    connection: Connection, child: Job, max_age: float
) -> Milestone | None:
    if child.fingerprint is None or not max_age:
        return None
    done = equal_work.find_done(connection, child.fingerprint, max_age_seconds=max_age)
    model = None if done is None else jobs.find_job(connection, done)
    if model is None or model.result is None:
        return None
    return equal_work.end_alike(connection, child.id, model)


def _tell(backplane: Backplane, step: _Step) -> None:
    tell(backplane, step.milestones, hints=step.hints)
    # Solves are the only children whose work may have been done before.
    backplane.cache.count(hits=step.hits, misses=step.misses, shelf=SOLVES)
    with suppress(UnavailableError):
        for job_id in step.stopping:
            backplane.stream.request_cancel(job_id)


def _finish(
    backplane: Backplane, parent: Parent, why_stopped: Termination | None
) -> None:
    """Put the children's results together; of several who try, one has its way."""
    kind = KINDS[parent.kind]
    result: JobResult | None = None
    error: ErrorRecord | None = None
    state = JobState.SUCCEEDED
    request, context = load_family(backplane, parent.id, why_ended=why_stopped)
    try:
        result = load_function(kind.handler)(request, context)
    except UnavailableError:
        # For whoever comes next: the children's ends are recorded.
        raise
    except ServiceError as fault:
        error, state = fault.record(), JobState.FAILED
        if why_stopped is Termination.CANCELLED:
            error, state = None, JobState.CANCELLED
    except Exception:
        logger.exception(
            "family failed", extra={"action": "job_crashed", "job_id": parent.id}
        )
        error, state = InternalError().record(), JobState.FAILED
    if result is not None and result.termination is Termination.CANCELLED:
        state = JobState.CANCELLED
    told = (
        {}
        if result is None
        else result.model_dump(include=set(FamilyEnded.model_fields))
    )
    try:
        with backplane.database.transaction() as connection:
            ending = attempts.finish(
                connection,
                parent.id,
                attempt=1,
                state=state,
                payload=FamilyEnded(attempt=1, error=error, **told),
                result=None if result is None else result.model_dump_json(),
                certificate=None if result is None else result.certified(),
                error=error,
            )
    except LeaseLostError:
        # Another was faster, with the same result: the children are final.
        return
    tell(backplane, [ending])


def _family(parent: Parent) -> Family[Any]:
    family = KINDS[parent.kind].family
    assert family is not None, "only families have parents"
    return family
