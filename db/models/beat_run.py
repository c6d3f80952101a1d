"""Runs of beat's schedules: the latest, and all that were not as they should be."""

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class BeatRun(Record):
    """Run ``number`` of a schedule, from 1 on in the order of their ends."""

    __tablename__ = "beat_run"
    __table_args__ = (
        Index("ix_beat_run_is_noted_started_at", "is_noted", "started_at"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str]
    expected_at: Mapped[Seconds | None]
    """None if somebody triggered it."""
    started_at: Mapped[Seconds]
    delay_s: Mapped[Seconds]
    duration_s: Mapped[Seconds]
    outcome: Mapped[str]
    error_type: Mapped[str | None]
    error: Mapped[str | None] = mapped_column(Text)
    on_time: Mapped[bool | None]
    """None if it belongs to no moment."""
    skipped: Mapped[int] = mapped_column(default=0)
    """How many moments in a row before its own went by without a run."""
    is_noted: Mapped[bool]
    """Whether it is kept for its own sake: late, failed, triggered, or after a gap."""
