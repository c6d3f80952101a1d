"""What people were told, and whether they have read it."""

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds

_UNREAD = text("read_at is null")


class Notification(Record):
    """One notification. A `Notice` of the same transaction carries it to others."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_owner_created_at_id", "owner", "created_at", "id"),
        Index("ix_notification_created_at_id", "created_at", "id"),
        Index(
            "ix_notification_unread",
            "owner",
            sqlite_where=_UNREAD,
            postgresql_where=_UNREAD,
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(unique=True)
    """Never told twice: the database refuses a second one of the same cause."""
    owner: Mapped[str]
    """Who is told: a caller's name, or that of all operators."""
    type: Mapped[str]
    level: Mapped[str]
    channel: Mapped[str]
    subject: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
    data: Mapped[Json]
    created_at: Mapped[Seconds]
    read_at: Mapped[Seconds | None]
