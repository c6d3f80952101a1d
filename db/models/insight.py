"""What was found out about the service's work."""

from sqlalchemy import Double, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Insight(Record):
    """One claim that stands, or has stood."""

    __tablename__ = "insight"
    __table_args__ = (
        Index("ix_insight_created_at_id", "created_at", "id"),
        Index("ix_insight_state_seen_at", "state", "seen_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    """Made of the claim: the same claim is the same insight."""
    kind: Mapped[str]
    claim: Mapped[str] = mapped_column(Text)
    state: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    action: Mapped[str]
    priority: Mapped[str]
    evidence: Mapped[Json]
    effect: Mapped[float] = mapped_column(Double())
    """Of the evidence: its sign is what later data confirm or do not."""
    p_adjusted: Mapped[float] = mapped_column(Double())
    created_at: Mapped[Seconds]
    """When it was found first."""
    since: Mapped[Seconds]
    """Since when it has stood without a break."""
    seen_at: Mapped[Seconds]
    """When it was found last."""
    claimed_effect: Mapped[float] = mapped_column(Double())
    claimed_at: Mapped[Seconds]
    """The effect that is held against later data, and what counts as later."""


class InsightVerdict(Record):
    """Whether later data have confirmed a claim: kept for good, a few a day."""

    __tablename__ = "insight_verdict"
    __table_args__ = (Index("ix_insight_verdict_kind", "kind"),)

    insight_id: Mapped[Id] = mapped_column(primary_key=True)
    """Not a foreign key: verdicts outlive what they are about."""
    claimed_at: Mapped[Seconds] = mapped_column(primary_key=True)
    kind: Mapped[str]
    judged_at: Mapped[Seconds]
    confirmed: Mapped[bool]
    later_n: Mapped[int]
    later_effect: Mapped[float] = mapped_column(Double())
