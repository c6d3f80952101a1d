"""The only place that runs a job: claim, keep the lease, call the handler, finish."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from db import owner
from db.announcement import count_ends, hint_deliveries, tell_notices
from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import (
    DatabaseUnavailableError,
    ErrorRecord,
    InternalError,
    LeaseLostError,
    ServiceError,
    StreamUnavailableError,
    TooMuchMemoryError,
    UnavailableError,
)
from db.contracts.event import JobEnded, Progress
from db.contracts.job_kind import JobResult, Queue
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.termination import Termination
from db.repositories import attempts, turns
from db.repositories.attempts import Claim
from db.repositories.events import Milestone
from db.settlement import settle
from db.stream import Position
from db.tracing import Role, span
from worker.context import Context
from worker.coordination import lead_on
from worker.handler import load_function
from worker.lease import Lease
from worker.memory import bounded_memory
from worker.progress import ProgressPublisher

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
MAX_RETRY_SECONDS = 60.0
WRITE_AGAIN_SECONDS = 0.5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Taken:
    """A claim, and when it was asked for by this process' clock."""

    claim: Claim
    asked_at: float


GoesOn = Callable[[Claim], bool]
"""Whether the job behind one that ends is to be run as well."""
TakeNext = Callable[[Connection], Claim | None]


def run_attempt(
    backplane: Backplane,
    job_id: str,
    *,
    queue: Queue | None = None,
    goes_on: GoesOn = lambda _: False,
) -> None:
    """Run the job if it is there to be run; a second message finds nothing to claim.

    With ``queue``, this is a turn in that queue: whichever job is next runs. Where it
    ends and ``goes_on``, so does the one behind it, claimed as the first is ended.
    """
    asked_at = time.monotonic()
    with backplane.database.transaction() as connection:
        claim = (
            _claim(backplane, connection, job_id)
            if queue is None
            else _take_turn(backplane, connection, queue)
        )
    taken = None if claim is None else _Taken(claim, asked_at)
    if taken is None:
        logger.info(
            "nothing to claim", extra={"action": "claim_refused", "job_id": job_id}
        )
    while taken is not None:
        taken = _run(backplane, taken, queue=queue, goes_on=goes_on)


def _claim(backplane: Backplane, connection: Connection, job_id: str) -> Claim | None:
    settings = backplane.settings
    return attempts.claim(
        connection,
        job_id,
        owner=owner.this_process(settings.host),
        lease_seconds=settings.lease_seconds,
    )


def _take_turn(
    backplane: Backplane, connection: Connection, queue: Queue
) -> Claim | None:
    """Claim the job that is next in the queue."""
    turn = turns.take_turn(
        connection, queue, max_running=backplane.settings.max_running_per_caller
    )
    if turn is None:
        return None
    claim = _claim(backplane, connection, turn.job_id)
    if claim is not None:
        turns.count_turn(connection, turn)
    return claim


def _run(
    backplane: Backplane, taken: _Taken, *, queue: Queue | None, goes_on: GoesOn
) -> _Taken | None:
    """Run a claimed job; return the one behind it, if it was claimed with the end."""
    claim = taken.claim

    def take_next(connection: Connection) -> Claim | None:
        if queue is None or not goes_on(claim):
            return None
        return _take_turn(backplane, connection, queue)

    hint_deliveries(backplane.broker, claim.started.delivery_ids)
    subject: dict[str, str | float] = {
        "job_id": claim.job_id,
        "attempt": claim.attempt,
    }
    logger.info("claimed", extra={"action": "job_claimed", **subject})
    try:
        # Whatever is logged by whom while it runs is about this job.
        with (
            structlog.contextvars.bound_contextvars(**subject),
            span(
                backplane.settings,
                "job.attempt",
                parent=claim.started.draft.traceparent or None,
                role=Role.CONSUMER,
                facts={"kind": claim.kind, **subject},
            ),
            Lease(backplane, claim, asked_at=taken.asked_at) as lease,
        ):
            attempt = _Attempt(backplane, claim, lease, take_next)
            has_ended = attempt.run()
    except LeaseLostError:
        logger.warning("lease lost", extra={"action": "lease_lost", **subject})
        return None
    if has_ended:
        _tell_kin(backplane, claim)
    return attempt.following


def _tell_kin(backplane: Backplane, claim: Claim) -> None:
    """Let those go on who waited for this job's end; the reconciler sees to it too."""
    try:
        if claim.leads:
            settle(backplane, claim.job_id)
        if claim.parent_id is not None:
            lead_on(backplane, claim.parent_id)
    except UnavailableError as error:
        logger.warning(
            "kin wait",
            extra={
                "action": "kin_wait",
                "job_id": claim.job_id,
                "reason": error.code,
            },
        )


class _Attempt:
    """One claimed job, from its handler's start to the last write."""

    def __init__(
        self, backplane: Backplane, claim: Claim, lease: Lease, take_next: TakeNext
    ) -> None:
        self._backplane = backplane
        self._claim = claim
        self._lease = lease
        self._take_next = take_next
        self.following: _Taken | None = None
        """Claimed with this one's end."""
        self._publisher = ProgressPublisher(
            backplane.log, claim, write_first=lease.write_checkpoint
        )
        self._shelf = ""
        """Where the cache keeps what it comes to."""

    def run(self) -> bool:
        """Call the handler and write what came of it; return whether the job ended.

        Raises LeaseLostError.
        """
        kind = KINDS[self._claim.kind]
        try:
            with bounded_memory(self._backplane.settings.max_job_bytes):
                request = kind.request.model_validate_json(self._claim.request)
                self._shelf = kind.shelf(request)
                context = Context(
                    self._backplane,
                    self._claim,
                    lease=self._lease,
                    publisher=self._publisher,
                    start=_starting_point(self._backplane, self._claim),
                )
                result = load_function(kind.handler)(request, context)
        except LeaseLostError:
            raise
        except MemoryError:
            # Another attempt would come to the same.
            return self._fail(_too_much(self._backplane.settings.max_job_bytes))
        except ServiceError as error:
            return self._fail(error)
        except Exception:
            logger.exception(
                "job failed",
                extra={"action": "job_crashed", "job_id": self._claim.job_id},
            )
            return self._fail(InternalError())
        return self._end(result)

    def _end(self, result: JobResult) -> bool:
        if self._lease.is_lost:
            raise LeaseLostError
        if result.termination is Termination.INTERRUPTED:
            self._give_back(reason="worker is going away")
            return False
        is_cancelled = result.termination is Termination.CANCELLED
        told = result.model_dump(include=set(JobEnded.model_fields))
        self._finish(
            JobState.CANCELLED if is_cancelled else JobState.SUCCEEDED,
            JobEnded(attempt=self._claim.attempt, **told),
            result=result,
        )
        return True

    def _fail(self, error: ServiceError) -> bool:
        claim, settings = self._claim, self._backplane.settings
        logger.warning(
            "attempt failed",
            extra={
                "action": "attempt_failed",
                "job_id": claim.job_id,
                "attempt": claim.attempt,
                "code": error.code,
            },
        )
        if error.retryable and claim.failures + 1 < settings.max_failures:
            delay = min(RETRY_SECONDS * 2**claim.failures, MAX_RETRY_SECONDS)
            self._give_back(reason=error.code, delay_seconds=delay, failed=True)
            return False
        record = error.record()
        payload = JobEnded(attempt=claim.attempt, error=record)
        self._finish(JobState.FAILED, payload, error=record)
        return True

    def _finish(
        self,
        state: JobState,
        payload: JobEnded,
        *,
        result: JobResult | None = None,
        error: ErrorRecord | None = None,
    ) -> None:
        claim, backplane = self._claim, self._backplane

        def write() -> Milestone:
            asked_at = time.monotonic()
            with backplane.database.transaction() as connection:
                ending = attempts.finish(
                    connection,
                    claim.job_id,
                    attempt=claim.attempt,
                    state=state,
                    payload=payload,
                    result=None if result is None else result.model_dump_json(),
                    certificate=None if result is None else result.certified(),
                    error=error,
                )
                following = self._take_next(connection)
            if following is not None:
                self.following = _Taken(following, asked_at)
            return ending

        ending = _until_written(self._lease, write)
        logger.info(
            "ended",
            extra={
                "action": "job_ended",
                "job_id": claim.job_id,
                "state": state.value,
            },
        )
        count_ends(backplane.meter, [ending])
        if state is JobState.SUCCEEDED and claim.fingerprint is not None:
            # Before anyone hears of the end: who then asks again is answered by it.
            backplane.cache.put(claim.fingerprint, claim.job_id, self._shelf)
        self._publisher.flush(ending)
        hint_deliveries(backplane.broker, ending.delivery_ids)
        tell_notices(backplane, ending.notices)

    def _give_back(
        self, *, reason: str, delay_seconds: float = 0.0, failed: bool = False
    ) -> None:
        claim, backplane = self._claim, self._backplane
        checkpoint = self._lease.take_checkpoint()

        def write() -> attempts.Released:
            with backplane.database.transaction() as connection:
                return attempts.give_back(
                    connection,
                    claim.job_id,
                    attempt=claim.attempt,
                    reason=reason,
                    delay_seconds=delay_seconds,
                    failed=failed,
                    checkpoint=checkpoint,
                )

        released = _until_written(self._lease, write)
        queued = released.milestones[-1]
        self._publisher.flush(queued)
        hint_deliveries(backplane.broker, queued.delivery_ids)
        if not delay_seconds:
            backplane.broker.send(KINDS[claim.kind].task, claim.job_id, claim.queue)


def _too_much(most_bytes: int) -> TooMuchMemoryError:
    return TooMuchMemoryError(
        f"the job needs more than the {most_bytes // 2**20} MiB of memory that one "
        "may take",
        suggestion="Ask for less: a smaller instance, or a method that keeps less; or "
        "have SOLVEQUEUE_MAX_JOB_BYTES raised.",
    )


def _until_written(lease: Lease, write: Callable[[], T]) -> T:
    """Write, and while the database is away and the lease is ours, write again."""
    while True:
        try:
            return write()
        except DatabaseUnavailableError:
            if lease.is_lost:
                raise LeaseLostError from None
            time.sleep(WRITE_AGAIN_SECONDS)


def _starting_point(backplane: Backplane, claim: Claim) -> Checkpoint | None:
    """Return the best incumbent known, and the most of the budget known to be used."""
    if claim.attempt == 1:
        # Handed on with the job, where it goes on for one that was cancelled.
        return None if claim.checkpoint is None else Checkpoint.parse(claim.checkpoint)
    found = [] if claim.checkpoint is None else [Checkpoint.parse(claim.checkpoint)]
    try:
        incumbent = backplane.stream.incumbent(claim.job_id)
        (position,) = backplane.stream.positions([claim.job_id])
    except StreamUnavailableError:
        incumbent, position = None, Position()
    if incumbent is not None:
        found.append(Checkpoint.model_validate_json(incumbent))
    if not found:
        return None
    used: list[Checkpoint | Progress] = [*found]
    if position.progress is not None:
        used.append(Progress.model_validate_json(position.progress))
    return min(found, key=lambda point: point.objective).model_copy(
        update={
            "iterations": max(each.iterations for each in used),
            "elapsed_s": max(each.elapsed_s for each in used),
        }
    )
