"""What findings promised, and what came later."""

from sqlalchemy import Boolean, Double, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class InsightPrediction(Record):
    """That a finding will hold on data from after ``made_at`` alone.

    Kept when the finding is gone: the sureness of its kind is made of these.
    """

    __tablename__ = "insight_prediction"
    __table_args__ = (
        Index("ix_insight_prediction_settled_at", "settled_at", "due_at"),
    )

    insight_id: Mapped[Id] = mapped_column(primary_key=True)
    made_at: Mapped[Seconds] = mapped_column(primary_key=True)
    kind: Mapped[str]
    effect: Mapped[float] = mapped_column(Double())
    null_effect: Mapped[float] = mapped_column(Double())
    """The effect if there were nothing to find: it was on the other side of this."""
    due_at: Mapped[Seconds]
    lapses_at: Mapped[Seconds]
    """Too little came by then to judge it."""
    settled_at: Mapped[Seconds | None]
    observed: Mapped[float | None] = mapped_column(Double())
    hit: Mapped[bool | None] = mapped_column(Boolean)
    """None of one that lapsed."""
