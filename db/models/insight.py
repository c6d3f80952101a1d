"""What the history said when it was last looked at."""

from sqlalchemy import Double, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Insight(Record):
    """One finding, named by what it claims."""

    __tablename__ = "insight"
    __table_args__ = (
        Index("ix_insight_created_at_id", "created_at", "id"),
        Index("ix_insight_ended_at_expires_at", "ended_at", "expires_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    action: Mapped[str]
    priority: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double())
    """0 to 100: see docs/insights.md."""
    test: Mapped[str] = mapped_column(Text)
    unit: Mapped[str]
    n: Mapped[int]
    effect: Mapped[float] = mapped_column(Double())
    low: Mapped[float] = mapped_column(Double())
    high: Mapped[float] = mapped_column(Double())
    p: Mapped[float] = mapped_column(Double())
    adjusted_p: Mapped[float] = mapped_column(Double())
    hypotheses: Mapped[int]
    """How many were tested with it."""
    facts: Mapped[Json] = mapped_column(default="{}")
    window_start: Mapped[Seconds]
    window_end: Mapped[Seconds]
    """What ended between these was looked at."""
    created_at: Mapped[Seconds]
    """When it was first found."""
    seen_at: Mapped[Seconds]
    """When it was last found."""
    expires_at: Mapped[Seconds]
    """Nobody may believe it longer without looking again."""
    ended_at: Mapped[Seconds | None]
    """When it was looked for and not found any more."""
    superseded_by: Mapped[Id | None]
    """The contrary finding, which has taken its place."""
