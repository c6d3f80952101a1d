"""What was collected from providers."""

from sqlalchemy import Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class ProviderCollection(Record):
    """The numbers of one check, or why there are none."""

    __tablename__ = "provider_collection"
    __table_args__ = (
        Index("ix_provider_collection_at", "at"),
        Index("ix_provider_collection_provider_id_at", "provider_id", "at"),
    )

    provider_id: Mapped[Id] = mapped_column(
        ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    """That of the check."""
    due_at: Mapped[Seconds]
    at: Mapped[Seconds]
    data_at: Mapped[Seconds | None]
    """What moment the numbers are of."""
    values: Mapped[Json]
    """By series; what was not there is null."""
    records: Mapped[int]
    """How many of them are numbers."""
    size: Mapped[int]
    quality: Mapped[float] = mapped_column(Double())
    """From 0 to 1: the share of the series that is there and finite; half where the
    numbers are stale."""
    staleness_s: Mapped[Seconds | None]
    on_schedule: Mapped[bool]
    skip_reason: Mapped[str | None]
