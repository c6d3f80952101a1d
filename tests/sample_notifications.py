"""Notifications that tests write and look at again."""

from typing import Any

from sqlalchemy import select

from db.contracts.channel import ChannelName
from db.contracts.notification import Level, NewNotification
from db.engine import Database
from db.models import Notification


def new_notification(cause: str, **changes: Any) -> NewNotification:
    """Return a notification that no one has written down yet."""
    known: dict[str, Any] = {
        "owner": "key:alice",
        "type": "trial",
        "level": Level.INFO,
        "channel": ChannelName.SYSTEM,
        "message": f"told of {cause}",
    }
    return NewNotification(cause=cause, **(known | changes))


def written(database: Database) -> list[Notification]:
    """Return all notifications, oldest first."""
    with database.reading() as connection:
        query = select(Notification).order_by(Notification.created_at)
        return [Notification(**row) for row in connection.execute(query).mappings()]
