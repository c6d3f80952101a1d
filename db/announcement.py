"""Tells workers and readers of what was recorded.

Nothing depends on it arriving: the row is recorded, and the reconciler tells again.
"""

import logging
import math
from collections.abc import Sequence

from db.acceptance import Accepted
from db.backplane import Backplane
from db.broker import Broker, Hint
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.delivery import DELIVER_TASK, WEBHOOK_QUEUE
from db.contracts.errors import UnavailableError
from db.contracts.event import PAYLOADS, EventType
from db.contracts.metric import (
    JOB_FINAL_GAP,
    JOB_QUEUE_WAIT,
    JOB_RUN,
    JOBS_FINISHED,
)
from db.contracts.notification import NewNotification
from db.meter import Meter
from db.models import Notice
from db.repositories import notices, notifications
from db.repositories.events import Milestone
from db.repositories.notices import Noted

logger = logging.getLogger(__name__)

NO_METHOD = "none"
"""The label of kinds that are made of jobs with methods of their own."""


def announce(backplane: Backplane, batch: Sequence[Accepted]) -> None:
    """Tell of accepted jobs, in one go."""
    tell(
        backplane,
        [milestone for each in batch for milestone in each.milestones],
        hints=[each.hint for each in batch if each.hint is not None],
    )


def tell(
    backplane: Backplane,
    milestones: Sequence[Milestone],
    *,
    hints: Sequence[Hint] = (),
) -> None:
    """Count ends, send the hints, append the milestones, have the deliveries made."""
    count_ends(backplane.meter, milestones)
    # The hints first: a worker has more to do before its events follow these.
    backplane.broker.send_enough(hints)
    try:
        backplane.log.publish(milestones)
    except UnavailableError:
        # The audit appends them when the server is back; the job must not wait.
        logger.warning("log waits", extra={"action": "log_waits"})
    # Then the deliveries, for what they carry is read from the log.
    owed = [each for milestone in milestones for each in milestone.delivery_ids]
    hint_deliveries(backplane.broker, owed)
    tell_notices(
        backplane, [each for milestone in milestones for each in milestone.notices]
    )


def count_ends(meter: Meter, milestones: Sequence[Milestone]) -> None:
    """Count the jobs that ended, once each: those who read an end later pass it over.

    What dies between the commit and this is not counted.
    """
    for milestone in milestones:
        ended = milestone.ended
        if ended is None:
            continue
        method = ended.method or NO_METHOD
        meter.count(JOBS_FINISHED, ended.kind, method, ended.state.value)
        if ended.wait_s is not None:
            meter.observe(JOB_QUEUE_WAIT, ended.wait_s, ended.queue)
        if ended.run_s is not None:
            meter.observe(JOB_RUN, ended.run_s, ended.kind, method)
        if ended.gap is not None and math.isfinite(ended.gap):
            meter.observe(JOB_FINAL_GAP, ended.gap, method)


def notify(backplane: Backplane, new: NewNotification) -> bool:
    """Record a notification, then tell of it; return False if its cause was told.

    Who has more to record with it calls `notifications.write` in that transaction, and
    `tell_noted` after it.
    """
    with backplane.database.transaction() as connection:
        noted = notifications.write(connection, new)
    if noted is None:
        return False
    tell_noted(backplane, [noted])
    return True


def tell_noted(backplane: Backplane, noted: Sequence[Noted]) -> None:
    """Have the deliveries made, and tell the channels; what fails is told again."""
    owed = [delivery_id for each in noted for delivery_id in each.delivery_ids]
    hint_deliveries(backplane.broker, owed)
    tell_notices(backplane, [each.notice for each in noted])


CHANNELS: dict[EventType, ChannelName] = {
    EventType.WEBHOOK_DISABLED: ChannelName.SYSTEM,
    EventType.NOTIFICATION_SENT: ChannelName.NOTIFICATIONS,
    EventType.PROVIDER_DOWN: ChannelName.PROVIDERS,
    EventType.PROVIDER_DEGRADED: ChannelName.PROVIDERS,
    EventType.PROVIDER_UP: ChannelName.PROVIDERS,
    EventType.BUDGET_WARNED: ChannelName.PROVIDERS,
    EventType.ALERT_RAISED: ChannelName.ALERTS,
    EventType.ALERT_RESOLVED: ChannelName.ALERTS,
    EventType.ALERT_ACKNOWLEDGED: ChannelName.ALERTS,
}
"""Which channel tells of a notice."""
FOR_ALL = frozenset({ChannelName.PROVIDERS, ChannelName.ALERTS})
"""Channels that tell everyone, whoever's webhooks a notice is owed to."""


def tell_notices(backplane: Backplane, told: Sequence[Notice]) -> None:
    """Tell the owners' channels of what was recorded; what fails is told again."""
    if not told:
        return
    drafts = [
        ChannelDraft(
            CHANNELS[EventType(notice.type)],
            EventType(notice.type),
            PAYLOADS[EventType(notice.type)].model_validate_json(notice.data),
            id=notice.id,
            time=notice.time,
            subject=notice.subject,
            owner="" if CHANNELS[EventType(notice.type)] in FOR_ALL else notice.owner,
        )
        # Those of one channel behind each other: they are numbered in one go.
        for notice in sorted(told, key=lambda each: each.type)
    ]
    try:
        backplane.channels.publish(drafts)
        with backplane.database.transaction() as connection:
            notices.set_told(connection, [notice.id for notice in told])
    except UnavailableError:
        logger.warning("channel waits", extra={"action": "channel_waits"})


def hint_deliveries(broker: Broker, delivery_ids: Sequence[str]) -> None:
    """Have these deliveries made."""
    broker.send_all([Hint(DELIVER_TASK, each, WEBHOOK_QUEUE) for each in delivery_ids])
