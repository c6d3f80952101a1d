"""Notifications as rows become notifications as those who are told see them."""

import json

from api.schemas.notification import NotificationLinks, NotificationView
from db.contracts.caller import Caller
from db.contracts.channel import ChannelName
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.notification import OPERATORS, Level
from db.models import Notification

PATHS = {
    "job": "/v1/jobs",
    "ep": "/v1/webhooks",
    "thr": "/v1/thresholds",
    "alt": "/v1/alerts",
}
"""Where a subject is found, by how its id begins."""


def told_to(caller: Caller) -> tuple[str, ...] | None:
    """Return whose notifications are the caller's own to read; None is everyone's.

    An operator reads its own and those for all operators, and finds those of others by
    their ids: what it reads must not count as read by them. Where nobody is asked who
    they are, all is everyone's.
    """
    if not caller.sees_all:
        return (caller.name,)
    return (caller.name, OPERATORS) if caller.is_known else None


def notification_view(found: Notification) -> NotificationView:
    """Return one notification."""
    folder = PATHS.get(found.subject.partition("_")[0])
    return NotificationView(
        id=found.id,
        notification_type=found.type,
        level=Level(found.level),
        channel=ChannelName(found.channel),
        subject=found.subject,
        message=found.message,
        data=json.loads(found.data),
        read=found.read_at is not None,
        read_at=optional_timestamp(found.read_at),
        created_at=timestamp(found.created_at),
        links=NotificationLinks(
            self=f"/v1/notifications/{found.id}",
            subject=None if folder is None else f"{folder}/{found.subject}",
        ),
    )
