"""What came of checks."""

from sqlalchemy import Double, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class ProviderCheck(Record):
    """Check ``number`` of a provider, from 1."""

    __tablename__ = "provider_check"
    __table_args__ = (
        Index("ix_provider_check_at", "at"),
        Index("ix_provider_check_provider_id_at", "provider_id", "at"),
    )

    provider_id: Mapped[Id] = mapped_column(
        ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    due_at: Mapped[Seconds]
    at: Mapped[Seconds]
    """When it began."""
    endpoint: Mapped[str] = mapped_column(Text)
    """What was asked; without keys."""
    outcome: Mapped[str]
    level: Mapped[str | None]
    """What it has shown; null where no call was made."""
    response_ms: Mapped[float | None] = mapped_column(Double())
    http_status: Mapped[int | None]
    error_type: Mapped[str | None]
    error: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int] = mapped_column(default=0)
    """Bytes of the answer."""
    retries: Mapped[int] = mapped_column(default=0)
    """Further calls that were made at once, such as to the second place."""
    retry_result: Mapped[str | None]
    """A `CheckOutcome`: what came of the last of them."""
