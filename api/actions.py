"""What callers may do with jobs that there are."""

from db.backplane import Backplane
from db.broker import Hint
from db.contracts.delivery import DELIVER_TASK, WEBHOOK_QUEUE
from db.contracts.errors import UnavailableError
from db.contracts.kinds import KINDS
from db.repositories import deliveries, jobs
from db.settlement import settle


def cancel(backplane: Backplane, job_id: str) -> None:
    """Ask the job to stop; one that waits ends here and now.

    Raises NotFoundError, or JobFinishedError where it has ended otherwise.
    """
    with backplane.database.transaction() as connection:
        job = jobs.get_job(connection, job_id)
        ending = jobs.request_cancel(connection, job_id)
        planned = deliveries.plan_deliveries(connection, ending) if ending else []
    hints = [Hint(DELIVER_TASK, each, WEBHOOK_QUEUE) for each in planned]
    if job.children is not None and ending is None:
        # Its children are stopped by whoever leads it on.
        hints.append(Hint(KINDS[job.kind].task, job.id, job.queue))
    backplane.broker.send_all(hints)
    try:
        if ending is None:
            backplane.stream.request_cancel(job_id)
        else:
            backplane.log.publish([ending])
    except UnavailableError:
        # The worker reads the wish from the row; the reconciler tells of the end.
        pass
    if ending is not None and job.leads:
        settle(backplane, job_id)
