"""What an ended job still owes to jobs of equal work: their end, or their start."""

from db.announcement import tell
from db.backplane import Backplane
from db.contracts.kinds import KINDS
from db.repositories import equal_work


def settle(backplane: Backplane, leader_id: str) -> None:
    """End the followers of a job that has ended, or let one of them go on.

    Anyone may call it, twice is harmless, and the reconciler calls it again.
    """
    while _has_followers(backplane, leader_id):
        with backplane.database.transaction() as connection:
            endings = equal_work.end_followers(connection, leader_id)
            promoted = (
                None if endings else equal_work.promote_follower(connection, leader_id)
            )
        if promoted is not None:
            task = KINDS[promoted.kind].task
            backplane.broker.send(task, promoted.job_id, promoted.queue)
        if not endings:
            return
        tell(backplane, endings)


def _has_followers(backplane: Backplane, leader_id: str) -> bool:
    """Look, without a turn at the writer: most have none."""
    with backplane.database.reading() as connection:
        return bool(equal_work.followers_of(connection, leader_id, limit=1))
