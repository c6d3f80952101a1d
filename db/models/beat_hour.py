"""What the runs of beat's schedules came to, by the hour."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class BeatHour(Record):
    """One schedule in one hour: a row each, however often it runs."""

    __tablename__ = "beat_hour"
    __table_args__ = (Index("ix_beat_hour_hour", "hour"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    """The second at which it begins, since 1970."""
    runs: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    delay_sum_s: Mapped[Seconds] = mapped_column(default=0.0)
    """Of those that belong to a moment."""
    delay_max_s: Mapped[Seconds] = mapped_column(default=0.0)
    duration_sum_s: Mapped[Seconds] = mapped_column(default=0.0)
    duration_max_s: Mapped[Seconds] = mapped_column(default=0.0)
