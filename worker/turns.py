"""What one message makes a worker do: a turn in its queue, and more under load."""

import time

from db.backplane import Backplane
from db.contracts.job_kind import Queue
from db.repositories.attempts import Claim
from worker import shutdown
from worker.attempt import run_attempt

TURNS_SECONDS = 0.1
"""After this another message is looked at: another queue's may wait."""
BEHIND_SECONDS = 0.05
"""A job that has waited longer than this is likely to have others behind it."""


def take_turns(backplane: Backplane, job_id: str, *, queue: Queue | None) -> None:
    """Run the job whose turn it is, and where the queue is behind those after it.

    A message costs as much as a trivial job. Where many wait, one message does for
    all that take next to no time; the others' messages find nothing left to do.
    """
    until = time.monotonic() + TURNS_SECONDS

    def goes_on(ended: Claim) -> bool:
        return (
            ended.claimed_at - ended.created_at >= BEHIND_SECONDS
            and time.monotonic() <= until
            and not shutdown.announced_for()
        )

    run_attempt(backplane, job_id, queue=queue, goes_on=goes_on)
