"""What alerts are raised by."""

from sqlalchemy import Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class AlertRule(Record):
    """One rule; what does not belong to its kind is null."""

    __tablename__ = "alert_rule"
    __table_args__ = (
        Index("ix_alert_rule_created_at_id", "created_at", "id"),
        Index("ix_alert_rule_kind", "kind"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    usual: Mapped[str | None] = mapped_column(unique=True)
    """Which of those that are there from the first start it is."""
    removed_at: Mapped[Seconds | None]
    """Of a usual one: it is not there, and is not made again."""
    name: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    enabled: Mapped[bool]
    muted_until: Mapped[Seconds | None]
    """What it raises before is written and not told."""
    provider_id: Mapped[Id | None] = mapped_column(
        ForeignKey("provider.id", ondelete="CASCADE")
    )
    category: Mapped[str | None]
    queue: Mapped[str | None]
    states: Mapped[Json] = mapped_column(default="[]")
    value: Mapped[float | None] = mapped_column(Double())
    measure: Mapped[str | None]
    window_s: Mapped[Seconds | None]
    least: Mapped[int | None]
    """So few checks do not make a rate."""
    hysteresis: Mapped[float] = mapped_column(Double())
    for_s: Mapped[Seconds]
    cooldown_s: Mapped[Seconds]
    judged_at: Mapped[Seconds | None]
    """When all that it watches was looked at last."""
    created_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]
