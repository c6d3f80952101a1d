"""One execution of a job by one worker."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class Attempt(Record):
    """Attempt ``number`` of a job, from 1; ``outcome`` is empty while it runs."""

    __tablename__ = "attempt"

    job_id: Mapped[Id] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    started_at: Mapped[Seconds]
    ended_at: Mapped[Seconds | None]
    outcome: Mapped[str | None]
