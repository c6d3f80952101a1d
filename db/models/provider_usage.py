"""How much of a provider's budgets was used up."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class ProviderUsage(Record):
    """One budget as it stood after a call; at most one a minute and budget."""

    __tablename__ = "provider_usage"
    __table_args__ = (Index("ix_provider_usage_at", "at"),)

    provider_id: Mapped[Id] = mapped_column(
        ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[Seconds] = mapped_column(primary_key=True)
    per: Mapped[str] = mapped_column(primary_key=True)
    """A `Window`."""
    limit_value: Mapped[int]
    used: Mapped[int]
    resets_at: Mapped[Seconds]
