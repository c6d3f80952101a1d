"""The tasks: one a job kind, and the delivery of webhooks. No logic."""

from db.backplane import process_backplane
from db.contracts.delivery import DELIVER_TASK
from db.contracts.kinds import KINDS
from worker.app import app
from worker.attempt import run_attempt
from worker.webhooks.deliver import deliver


def _run(job_id: str) -> None:
    run_attempt(process_backplane(), job_id)


@app.task(name=DELIVER_TASK)
def _deliver(delivery_id: str) -> None:
    deliver(process_backplane(), delivery_id)


for kind in KINDS.values():
    app.task(name=kind.task)(_run)
