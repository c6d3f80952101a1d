"""Jobs whose price has not been added up yet."""

from sqlalchemy import Double, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class Charge(Record):
    """One job that succeeded: written with its end, deleted as it is added up."""

    __tablename__ = "charge"
    __table_args__ = (Index("ix_charge_ended_at", "ended_at"),)

    job_id: Mapped[Id] = mapped_column(primary_key=True)
    """Not a foreign key: the job may be deleted before."""
    kind: Mapped[str]
    caller: Mapped[str]
    ended_at: Mapped[Seconds]
    cpu_s: Mapped[float] = mapped_column(Double())
    """Seconds that a worker was at work on it itself; 0 of what shared a result, and
    of what is made of other jobs."""
