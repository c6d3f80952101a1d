"""Calculations that are done again with each tick of the market feed."""

from sqlalchemy import BigInteger, Double, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class LiveCalculation(Record):
    """One calculation bound to the feed, and what it came to last."""

    __tablename__ = "live_calculation"
    __table_args__ = (
        Index("ix_live_calculation_caller_created_at_id", "caller", "created_at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    caller: Mapped[str]
    """Who made it and owns it."""
    calculation: Mapped[str]
    parameters: Mapped[Json]
    bindings: Mapped[Json]
    """An object: from JSON pointers into the parameters to fields of the feed."""
    value_at: Mapped[str | None] = mapped_column(String(300))
    """Where in the outcome the number is whose change is told."""
    min_change: Mapped[float] = mapped_column(Double())
    """A bound number that changes by no more than this share of itself counts as
    unchanged."""
    created_at: Mapped[Seconds]
    expires_at: Mapped[Seconds] = mapped_column(index=True)

    tick: Mapped[int | None] = mapped_column(BigInteger())
    """The latest tick that was dealt with."""
    numbers: Mapped[Json | None]
    """What was bound when it was last calculated; an object by field."""
    job: Mapped[Id | None] = mapped_column(index=True)
    """The latest of its jobs; not a foreign key: jobs are let go before."""
    job_tick: Mapped[int | None] = mapped_column(BigInteger())
    pending: Mapped[bool] = mapped_column(default=False)
    """Whether that job's end has still to be recorded here."""

    outcome: Mapped[Json | None]
    value: Mapped[float | None] = mapped_column(Double())
    value_before: Mapped[float | None] = mapped_column(Double())
    outcome_tick: Mapped[int | None] = mapped_column(BigInteger())
    outcome_job: Mapped[Id | None]
    outcome_at: Mapped[Seconds | None]
    elapsed_s: Mapped[float | None] = mapped_column(Double())
    ended_at: Mapped[Seconds | None]
    """When the end of the latest job was recorded, whatever end it was."""
    error: Mapped[Json | None]
    """Why the latest tick came to nothing."""
    told: Mapped[bool] = mapped_column(default=True, index=True)
    """Whether its owner's channel has the latest end."""
    revaluations: Mapped[int] = mapped_column(default=0)
    skips: Mapped[int] = mapped_column(default=0)
    """Ticks that brought no job."""
