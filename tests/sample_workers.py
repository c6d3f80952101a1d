"""Workers that say that they live, and are not there."""

from typing import Any

from db.contracts.living_worker import LivingWorker

SOLVER = LivingWorker(
    id="here:7:1",
    name="solvers@here",
    host="here",
    pid=7,
    processes=[8],
    slots=1,
    queues=["interactive"],
    version="0",
    since=1.0,
)


def solver(**changes: Any) -> LivingWorker:
    """Return one that is otherwise like `SOLVER`."""
    return SOLVER.model_copy(update=changes)
