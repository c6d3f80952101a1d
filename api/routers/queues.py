"""/v1/queues: what waits, how fast it goes, and how well that was foretold."""

import logging
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from api.dependencies import CallerDep, StateDep
from api.schemas.queue import ForetellingView, QueueList, QueueStanding
from db.contracts.errors import NotFoundError, UnavailableError
from db.contracts.event import timestamp
from db.contracts.job_kind import OF_SOLVES, Queue
from db.reconciler import Reconciler
from db.repositories import queues

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/queues", tags=["queues"])

Name = Annotated[str, Path(max_length=100)]


@router.get("")
def list_queues(state: StateDep) -> QueueList:
    """List the queues in which jobs wait for workers."""
    with state.backplane.database.reading() as connection:
        return QueueList(items=[_standing(connection, queue) for queue in OF_SOLVES])


@router.post("/{name}/pause")
def pause_queue(name: Name, state: StateDep, caller: CallerDep) -> QueueStanding:
    """Let workers take no jobs of the queue; jobs that run go on, others wait."""
    queue = _queue(name)
    with state.backplane.database.transaction() as connection:
        queues.pause(connection, queue, by=caller.name)
        standing = _standing(connection, queue)
    logger.info("queue paused", extra={"action": "queue_paused", "queue": queue.value})
    return standing


@router.post("/{name}/resume")
def resume_queue(name: Name, state: StateDep) -> QueueStanding:
    """Let workers take jobs of the queue again."""
    queue = _queue(name)
    with state.backplane.database.transaction() as connection:
        queues.resume(connection, queue)
        standing = _standing(connection, queue)
    logger.info(
        "queue resumed", extra={"action": "queue_resumed", "queue": queue.value}
    )
    try:
        # Messages that came while it rested found nothing to take.
        Reconciler(state.backplane).send_hints()
    except UnavailableError:
        logger.warning("hints wait", extra={"action": "hints_wait"})
    return standing


def _queue(name: str) -> Queue:
    for queue in OF_SOLVES:
        if queue.value == name:
            return queue
    raise NotFoundError(
        "there is no such queue",
        suggestion=f"Queues of jobs are {', '.join(OF_SOLVES)}.",
    )


def _standing(connection: Connection, queue: Queue) -> QueueStanding:
    standing = queues.standing_of(connection, queue)
    pace = queues.pace_of(connection, queue)
    told = queues.foretelling_of(connection, queue)
    paused_at = queues.paused(connection).get(queue)
    return QueueStanding(
        name=queue.value,
        waiting=standing.waiting,
        running=standing.running,
        oldest_age_s=round(standing.oldest_age_s, 3),
        mean_run_s=None if pace is None else pace.run_s,
        paused_at=None if paused_at is None else timestamp(paused_at),
        slots=None if pace is None else pace.slots,
        eta=ForetellingView(
            scored=told.scored,
            inside=told.inside,
            median_error_s=told.error_s,
        ),
    )
