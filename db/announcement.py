"""Tells workers and readers of what was recorded.

Nothing depends on it arriving: the row is recorded, and the reconciler tells again.
"""

import logging
from collections.abc import Sequence

from db.acceptance import Accepted
from db.backplane import Backplane
from db.broker import Broker, Hint
from db.contracts.delivery import DELIVER_TASK, WEBHOOK_QUEUE
from db.contracts.errors import UnavailableError
from db.repositories.events import Milestone

logger = logging.getLogger(__name__)


def announce(backplane: Backplane, batch: Sequence[Accepted]) -> None:
    """Tell of accepted jobs, in one go."""
    tell(
        backplane,
        [milestone for each in batch for milestone in each.milestones],
        hints=[each.hint for each in batch if each.hint is not None],
        delivery_ids=[each for one in batch for each in one.delivery_ids],
    )


def tell(
    backplane: Backplane,
    milestones: Sequence[Milestone],
    *,
    hints: Sequence[Hint] = (),
    delivery_ids: Sequence[str] = (),
) -> None:
    """Send the hints, append the milestones, then have the deliveries made."""
    # The hints first: a worker has more to do before its events follow these.
    backplane.broker.send_all(hints)
    try:
        backplane.log.publish(milestones)
    except UnavailableError:
        # The audit appends them when the server is back; the job must not wait.
        logger.warning("log waits", extra={"action": "log_waits"})
    # Last, for what they carry is read from the log.
    hint_deliveries(backplane.broker, delivery_ids)


def hint_deliveries(broker: Broker, delivery_ids: Sequence[str]) -> None:
    """Have these deliveries made."""
    broker.send_all([Hint(DELIVER_TASK, each, WEBHOOK_QUEUE) for each in delivery_ids])
