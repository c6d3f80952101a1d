"""A queue from which workers take no jobs."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class QueuePause(Record):
    """One paused queue; the row goes when the queue goes on."""

    __tablename__ = "queue_pause"

    queue: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[Seconds]
    paused_by: Mapped[str]
    """The caller who wanted it."""
