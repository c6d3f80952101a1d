"""How each of beat's schedules stands."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class BeatStanding(Record):
    """One schedule: its latest run, and what its runs have come to in all."""

    __tablename__ = "beat_standing"

    name: Mapped[str] = mapped_column(primary_key=True)
    every_s: Mapped[Seconds]
    """As at its latest run: not a moment, a period."""
    sent_at: Mapped[Seconds | None]
    """When beat sent the latest that belongs to a moment; by its clock."""
    gap_from: Mapped[Seconds | None]
    """What had been sent before the latest gap: runs out of turn may close it."""
    gap_number: Mapped[int | None]
    """The run that found that gap."""
    begun_at: Mapped[Seconds | None]
    """Since when it runs; none while it does not, or if it is a matter of seconds."""
    started_at: Mapped[Seconds | None]
    delay_s: Mapped[Seconds | None]
    duration_s: Mapped[Seconds | None]
    outcome: Mapped[str | None]
    error_type: Mapped[str | None]
    error: Mapped[str | None] = mapped_column(Text)
    records: Mapped[int] = mapped_column(default=0)
    """How many runs there were: the number of the latest."""
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    triggered: Mapped[int] = mapped_column(default=0)
    extra: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Seconds]
