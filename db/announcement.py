"""Tells workers and readers of jobs that were recorded.

Nothing depends on it arriving: the row is recorded, and the reconciler tells again.
"""

import logging
from collections.abc import Sequence

from db.acceptance import Accepted
from db.backplane import Backplane
from db.broker import Hint
from db.contracts.delivery import DELIVER_TASK, WEBHOOK_QUEUE
from db.contracts.errors import UnavailableError

logger = logging.getLogger(__name__)


def announce(backplane: Backplane, batch: Sequence[Accepted]) -> None:
    """Send the hints, then append the milestones, in one go each."""
    # The hints first: a worker has more to do before its events follow these.
    hints = [each.hint for each in batch if each.hint is not None]
    hints += [
        Hint(DELIVER_TASK, delivery_id, WEBHOOK_QUEUE)
        for each in batch
        for delivery_id in each.delivery_ids
    ]
    backplane.broker.send_all(hints)
    try:
        backplane.log.publish([m for each in batch for m in each.milestones])
    except UnavailableError:
        logger.warning("log waits", extra={"action": "log_waits"})
