"""Changes of the states of providers: what uptime is made of."""

from sqlalchemy import Double, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class ProviderChange(Record):
    """From the moment ``at`` on the provider was in ``new_state``."""

    __tablename__ = "provider_change"
    __table_args__ = (
        Index("ix_provider_change_provider_id_at", "provider_id", "at"),
        Index("ix_provider_change_at", "at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    provider_id: Mapped[Id] = mapped_column(
        ForeignKey("provider.id", ondelete="CASCADE")
    )
    check_number: Mapped[int]
    """The check that decided it."""
    at: Mapped[Seconds]
    old_state: Mapped[str]
    new_state: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    response_ms: Mapped[float | None] = mapped_column(Double())
