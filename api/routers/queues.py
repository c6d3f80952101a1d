"""/v1/queues: what waits, how fast it goes, and how well that was foretold."""

from fastapi import APIRouter

from api.dependencies import StateDep
from api.schemas.queue import ForetellingView, QueueList, QueueStanding
from db.contracts.job_kind import Queue
from db.repositories import queues

router = APIRouter(prefix="/v1/queues", tags=["queues"])

OF_SOLVES = (Queue.INTERACTIVE, Queue.STANDARD, Queue.BULK)


@router.get("")
def list_queues(state: StateDep) -> QueueList:
    """List the queues in which jobs wait for workers."""
    items = []
    with state.backplane.database.reading() as connection:
        for queue in OF_SOLVES:
            standing = queues.standing_of(connection, queue)
            pace = queues.pace_of(connection, queue)
            told = queues.foretelling_of(connection, queue)
            items.append(
                QueueStanding(
                    name=queue.value,
                    waiting=standing.waiting,
                    running=standing.running,
                    oldest_age_s=round(standing.oldest_age_s, 3),
                    mean_run_s=None if pace is None else pace.run_s,
                    slots=None if pace is None else pace.slots,
                    eta=ForetellingView(
                        scored=told.scored,
                        inside=told.inside,
                        median_error_s=told.error_s,
                    ),
                )
            )
    return QueueList(items=items)
