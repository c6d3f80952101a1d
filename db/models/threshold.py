"""What callers want to be told of numbers, and how each rule stands."""

from sqlalchemy import Double, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class Threshold(Record):
    """One rule."""

    __tablename__ = "threshold"
    __table_args__ = (
        Index("ix_threshold_owner_created_at_id", "owner", "created_at", "id"),
        Index("ix_threshold_created_at_id", "created_at", "id"),
        Index("ix_threshold_source", "source", "enabled"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    owner: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    """What has the number; see `Watched`."""
    pointer: Mapped[str] = mapped_column(Text)
    """Where in it the number is."""
    condition: Mapped[str]
    value: Mapped[float | None] = mapped_column(Double())
    low: Mapped[float | None] = mapped_column(Double())
    high: Mapped[float | None] = mapped_column(Double())
    hysteresis: Mapped[float] = mapped_column(Double())
    cooldown_s: Mapped[Seconds]
    level: Mapped[str]
    enabled: Mapped[bool]

    state: Mapped[str]
    last_value: Mapped[float | None] = mapped_column(Double())
    reference: Mapped[float | None] = mapped_column(Double())
    judged_at: Mapped[Seconds | None]
    """The moment of the latest number; `missed_at` of the latest without one."""
    missed_at: Mapped[Seconds | None]
    raised_at: Mapped[Seconds | None]
    resolved_at: Mapped[Seconds | None]
    raises: Mapped[int]
    suppressed: Mapped[int]
    version: Mapped[int]
    """One more with each write: with the id it names what was judged for good."""
    created_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]
    """When its owner changed it last."""
