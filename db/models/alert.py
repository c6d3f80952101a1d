"""What was beyond a limit, and what people did about it."""

from sqlalchemy import Double, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds

_OPEN = text("state = 'open'")
_NEW = text("state = 'open' and acknowledged_at is null")


class Alert(Record):
    """One alert. It outlives its rule and its provider."""

    __tablename__ = "alert"
    __table_args__ = (
        # Never two open ones of a rule and a subject.
        Index(
            "uq_alert_open",
            "rule_id",
            "subject",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_alert_new", "id", sqlite_where=_NEW, postgresql_where=_NEW),
        Index("ix_alert_created_at_id", "created_at", "id"),
        Index("ix_alert_resolved_at", "resolved_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    rule_id: Mapped[Id]
    rule_name: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    subject: Mapped[str]
    provider_id: Mapped[Id | None]
    provider: Mapped[str | None]
    """Its name when the alert was raised."""
    state: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
    value: Mapped[float] = mapped_column(Double())
    """By which it was raised; `last_value` is what was seen last."""
    last_value: Mapped[float] = mapped_column(Double())
    limit: Mapped[float | None] = mapped_column(Double())
    data: Mapped[Json]
    told: Mapped[bool]
    """False where its rule was muted when it was raised."""
    count: Mapped[int]
    """How many looks have shown it."""
    created_at: Mapped[Seconds]
    """When it was raised."""
    last_at: Mapped[Seconds]
    resolved_at: Mapped[Seconds | None]
    resolution: Mapped[str | None]
    resolved_by: Mapped[str | None]
    acknowledged_at: Mapped[Seconds | None]
    acknowledged_by: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(Text)
    """What those who acknowledged or resolved it had to say."""
