"""What came of a schedule's due times."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds

_BY_THE_CLOCK = text("cause <> 'trigger'")


class ScheduleRun(Record):
    """Run ``number`` of a schedule, from 1: a job, or the reason why there is none."""

    __tablename__ = "schedule_run"
    __table_args__ = (
        # Never twice: the database refuses a second run of one due time.
        Index(
            "uq_schedule_run_due_at",
            "schedule_id",
            "due_at",
            unique=True,
            sqlite_where=_BY_THE_CLOCK,
            postgresql_where=_BY_THE_CLOCK,
        ),
    )

    schedule_id: Mapped[Id] = mapped_column(
        ForeignKey("schedule.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[Seconds]
    cause: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    times: Mapped[int] = mapped_column(default=1)
    """How many due times in a row it stands for, from ``due_at`` on."""
    job_id: Mapped[Id | None]
    """Not a foreign key: jobs are let go before their schedules."""
    recorded_at: Mapped[Seconds] = mapped_column(index=True)
