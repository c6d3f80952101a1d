"""What the service may do by itself, once an operator says so; and what it did."""

from sqlalchemy import Boolean, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Automation(Record):
    """Whether one is switched on; one that nobody touched has no row."""

    __tablename__ = "automation"

    name: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    changed_by: Mapped[str]
    changed_at: Mapped[Seconds]


class AutomationEntry(Record):
    """One thing done, and how it was before."""

    __tablename__ = "automation_entry"
    __table_args__ = (Index("ix_automation_entry_created_at_id", "created_at", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    automation: Mapped[str]
    insight_id: Mapped[Id]
    """Why."""
    subject: Mapped[str]
    """What was changed."""
    summary: Mapped[str] = mapped_column(Text)
    before: Mapped[Json]
    after: Mapped[Json]
    created_at: Mapped[Seconds]
    undone_at: Mapped[Seconds | None]
    undone_by: Mapped[str | None]


class MethodRoute(Record):
    """What ``auto`` means for instances of these orders, where it was measured."""

    __tablename__ = "method_route"

    first_order: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_order: Mapped[int]
    method: Mapped[str]
    insight_id: Mapped[Id]
    created_at: Mapped[Seconds]
