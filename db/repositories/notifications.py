"""Notifications: written once a cause, listed, marked as read, let go."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts import event
from db.contracts.channel import ChannelName
from db.contracts.errors import NotFoundError
from db.contracts.event import EventType, WebhookDisabled, optional_timestamp
from db.contracts.identifier import new_id
from db.contracts.notification import (
    MAX_MESSAGE,
    Level,
    NewNotification,
    of_disabled,
)
from db.engine import now
from db.models import Endpoint, Notification
from db.repositories.notices import Noted, note
from db.repositories.paging import Cursor, newest_first

CUT = "…"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which notifications are meant; what is empty or None is any."""

    owners: Collection[str] | None = None
    levels: Sequence[Level] = ()
    types: Sequence[str] = ()
    channels: Sequence[ChannelName] = ()
    unread: bool | None = None
    since: float | None = None

    def on(self) -> list[ColumnElement[bool]]:
        """Return what must hold of a row."""
        wanted: list[ColumnElement[bool]] = []
        if self.owners is not None:
            wanted.append(Notification.owner.in_(self.owners))
        if self.levels:
            wanted.append(Notification.level.in_([each.value for each in self.levels]))
        if self.types:
            wanted.append(Notification.type.in_(self.types))
        if self.channels:
            names = [each.value for each in self.channels]
            wanted.append(Notification.channel.in_(names))
        if self.unread is not None:
            is_unread = Notification.read_at.is_(None)
            wanted.append(is_unread if self.unread else ~is_unread)
        if self.since is not None:
            wanted.append(Notification.created_at >= self.since)
        return wanted


def write(
    connection: Connection, new: NewNotification, *, but: str = ""
) -> Noted | None:
    """Record a notification and owe it to webhooks, but to that one of the owner's.

    Returns what is to be told after the commit; None if its cause has been told.
    """
    dialect = connection.dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(Notification).values(
        id=new_id("ntf"),
        cause=new.cause,
        owner=new.owner,
        type=new.type,
        level=new.level.value,
        channel=new.channel.value,
        subject=new.subject,
        message=_bounded(new.message),
        data=json.dumps(new.data, allow_nan=False),
        created_at=now(),
    )
    row = connection.execute(
        statement.on_conflict_do_nothing(index_elements=["cause"]).returning(
            Notification.id, Notification.message
        )
    ).one_or_none()
    if row is None:
        return None
    payload = event.Notification(
        id=row.id,
        channel=new.channel.value,
        notification_type=new.type,
        level=new.level.value,
        message=row.message,
        data=new.data,
    )
    return note(
        connection,
        EventType.NOTIFICATION_SENT,
        payload,
        owner=new.owner,
        subject=row.id,
        but=but,
    )


def note_disabled(connection: Connection, disabled: Endpoint) -> list[Noted]:
    """Tell a disabled endpoint's owner, by all ways but it; of a job's own nobody."""
    if disabled.owner is None:
        return []
    told = WebhookDisabled(
        endpoint=disabled.id,
        description=disabled.description,
        reason=disabled.disabled_reason or "",
        failing_since=optional_timestamp(disabled.failing_since),
    )
    noted = note(
        connection,
        EventType.WEBHOOK_DISABLED,
        told,
        owner=disabled.owner,
        subject=disabled.id,
        but=disabled.id,
    )
    new = of_disabled(told, owner=disabled.owner, cause=noted.notice.id)
    written = write(connection, new, but=disabled.id)
    assert written is not None, "the notice that causes it has just been made"
    return [noted, written]


def _bounded(message: str) -> str:
    # PostgreSQL refuses the NUL character in text.
    told = message.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if len(told) <= MAX_MESSAGE:
        return told
    return told[: MAX_MESSAGE - len(CUT)] + CUT


def get_notification(connection: Connection, notification_id: str) -> Notification:
    """Return the notification."""
    query = select(Notification).where(Notification.id == notification_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise _not_found(notification_id)
    return Notification(**row)


def owner_of(connection: Connection, notification_id: str) -> str | None:
    """Return whose the notification is; None if there is none."""
    query = select(Notification.owner).where(Notification.id == notification_id)
    return connection.execute(query).scalar_one_or_none()


def list_notifications(
    connection: Connection,
    wanted: Filter,
    *,
    after: Cursor | None,
    limit: int,
) -> list[Notification]:
    """Return notifications, newest first."""
    query = newest_first(
        select(Notification).where(*wanted.on()),
        Notification.created_at,
        Notification.id,
        after=after,
        limit=limit,
    )
    return [Notification(**row) for row in connection.execute(query).mappings()]


def count_unread(connection: Connection, owners: Collection[str] | None) -> int:
    """Return how many have not been read."""
    wanted = Filter(owners=owners, unread=True).on()
    query: Select[int] = select(func.count()).select_from(Notification).where(*wanted)
    return connection.execute(query).scalar_one()


def set_read(
    connection: Connection, notification_id: str, *, is_read: bool
) -> Notification:
    """Note that it was read, or is not; when it was first read stays."""
    read_at = func.coalesce(Notification.read_at, now()) if is_read else None
    row = connection.execute(
        update(Notification)
        .where(Notification.id == notification_id)
        .values(read_at=read_at)
        .returning(Notification)
    )
    found = row.mappings().one_or_none()
    if found is None:
        raise _not_found(notification_id)
    return Notification(**found)


def read_all(
    connection: Connection,
    owners: Collection[str] | None,
    *,
    up_to: Notification | None = None,
) -> int:
    """Note that all were read, or those up to one; return how many had not been."""
    wanted = Filter(owners=owners, unread=True).on()
    if up_to is not None:
        wanted.append(
            tuple_(Notification.created_at, Notification.id)
            <= tuple_(up_to.created_at, up_to.id)
        )
    read = connection.execute(update(Notification).where(*wanted).values(read_at=now()))
    return read.rowcount


def forget(connection: Connection, *, older_than_seconds: float) -> int:
    """Let go of old notifications, read or not; return how many."""
    gone = connection.execute(
        delete(Notification).where(Notification.created_at < now() - older_than_seconds)
    )
    return gone.rowcount


def _not_found(notification_id: str) -> NotFoundError:
    return NotFoundError(f"there is no notification {notification_id}")
