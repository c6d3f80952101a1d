"""The tasks: one a job kind, and the delivery of webhooks. No logic."""

from typing import Any

from db.backplane import process_backplane
from db.contracts.delivery import DELIVER_TASK
from db.contracts.job_kind import Queue
from db.contracts.kinds import KINDS
from worker.app import app
from worker.coordination import lead_on
from worker.memory import give_back
from worker.turns import take_turns
from worker.webhooks.deliver import deliver


def _run(task: Any, job_id: str) -> None:
    queue = (task.request.delivery_info or {}).get("routing_key")
    take_turns(process_backplane(), job_id, queue=Queue(queue) if queue else None)
    give_back()


def _lead_on(job_id: str) -> None:
    lead_on(process_backplane(), job_id)


@app.task(name=DELIVER_TASK)
def _deliver(delivery_id: str) -> None:
    deliver(process_backplane(), delivery_id)


for kind in KINDS.values():
    if kind.family is None:
        app.task(name=kind.task, bind=True)(_run)
    else:
        app.task(name=kind.task)(_lead_on)
