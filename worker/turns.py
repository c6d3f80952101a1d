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
    all that take next to no time; the others' messages find nothing left to do. Who
    has run one of a family's children expects the others there at once.
    """
    until = time.monotonic() + TURNS_SECONDS

    def goes_on(ended: Claim) -> bool:
        has_others_behind = (
            ended.parent_id is not None
            or ended.claimed_at - ended.created_at >= BEHIND_SECONDS
        )
        return (
            has_others_behind
            and time.monotonic() <= until
            and not shutdown.announced_for()
        )

    run_attempt(backplane, job_id, queue=queue, goes_on=goes_on)
