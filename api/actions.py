"""What callers may do with jobs that there are."""

from db import cancellation
from db.backplane import Backplane


def cancel(backplane: Backplane, job_id: str) -> None:
    """Ask the job to stop; one that waits ends here and now.

    Raises NotFoundError, or JobFinishedError where it has ended otherwise.
    """
    with backplane.database.transaction() as connection:
        stopping = cancellation.request(connection, job_id)
    cancellation.tell(backplane, stopping)
