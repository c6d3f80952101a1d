"""What starts jobs of one description, again and again."""

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Schedule(Record):
    """One schedule: either ``cron`` or ``every_s`` is set."""

    __tablename__ = "schedule"
    __table_args__ = (Index("ix_schedule_created_at_id", "created_at", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    request: Mapped[Json] = mapped_column(deferred=True)
    """Validated and resolved, as a worker needs it."""
    submission: Mapped[Json] = mapped_column(deferred=True)
    """As it was sent, but matrices by their hash, and no secret."""
    seed: Mapped[str]
    caller: Mapped[str] = mapped_column(default="")
    priority_s: Mapped[Seconds] = mapped_column(default=0.0)
    webhook_url: Mapped[str | None] = mapped_column(Text)
    webhook_secret: Mapped[str | None]
    webhook_events: Mapped[str | None] = mapped_column(Text)

    cron: Mapped[str | None]
    time_zone: Mapped[str | None]
    every_s: Mapped[int | None]
    start_at: Mapped[Seconds]
    """No due time is earlier; those of a period count from here."""
    end_at: Mapped[Seconds | None]
    overlap: Mapped[str]
    catch_up_s: Mapped[int]
    paused: Mapped[bool] = mapped_column(default=False)

    next_at: Mapped[Seconds | None] = mapped_column(index=True)
    """The due time to come; none while it is paused, or when it is over."""
    waiting_at: Mapped[Seconds | None] = mapped_column(index=True)
    """The due time that waits for the job before it to end."""
    last_at: Mapped[Seconds | None]
    """The latest due time that was dealt with: none before it comes again."""
    records: Mapped[int] = mapped_column(default=0)
    """How many rows its runs have had: the number of the latest."""
    runs: Mapped[int] = mapped_column(default=0)
    skips: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]
