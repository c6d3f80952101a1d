"""The events that must survive Redis: a job's milestones, which are also the outbox."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Event(Record):
    """Milestone ``ordinal`` of a job, from 1 without holes.

    The number that readers see is given later, by the log, when it is appended.
    """

    __tablename__ = "event"
    __table_args__ = (
        # Never reported twice: the database refuses a second terminal event.
        Index(
            "uq_event_terminal",
            "job_id",
            unique=True,
            sqlite_where=text("terminal"),
            postgresql_where=text("terminal"),
        ),
    )

    job_id: Mapped[Id] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    type: Mapped[str]
    time: Mapped[Seconds]
    data: Mapped[Json]
    terminal: Mapped[bool]
