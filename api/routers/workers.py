"""/v1/workers: who runs jobs, delivers webhooks and keeps time."""

from fastapi import APIRouter

from api.dependencies import StateDep
from api.schemas.worker import WorkerList, WorkerView
from api.vitals import Vitals
from db.contracts.errors import DatabaseUnavailableError, StreamUnavailableError
from db.contracts.event import timestamp

router = APIRouter(prefix="/v1/workers", tags=["workers"])


@router.get("")
def list_workers(state: StateDep) -> WorkerList:
    """List the workers that have said within seconds that they live."""
    vitals = Vitals(state)
    workers, recorded = vitals.workers, vitals.recorded
    if workers is None:
        raise StreamUnavailableError("Workers say to Redis that they live; it is away.")
    if recorded is None:
        raise DatabaseUnavailableError
    owners = recorded.owners
    return WorkerList(
        items=[
            WorkerView(
                id=worker.id,
                name=worker.name,
                host=worker.host,
                pid=worker.pid,
                queues=worker.queues,
                slots=worker.slots,
                running=sum(worker.runs(owner) for owner in owners),
                version=worker.version,
                since=timestamp(worker.since),
            )
            for worker in workers
        ],
        slots=vitals.slots,
        running=len(owners),
        busy_ratio=round(vitals.busy_ratio, 4),
    )
