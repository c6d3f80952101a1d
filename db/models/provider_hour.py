"""What the checks of an hour have come to."""

from sqlalchemy import Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record


class ProviderHour(Record):
    """One provider's checks that began in the hour number ``hour`` since 1970.

    Written with each check, in its transaction: it is never behind, and stays when the
    checks themselves are forgotten.
    """

    __tablename__ = "provider_hour"
    __table_args__ = (Index("ix_provider_hour_hour", "hour"),)

    provider_id: Mapped[Id] = mapped_column(
        ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True
    )
    hour: Mapped[int] = mapped_column(primary_key=True)
    success: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    timeout: Mapped[int] = mapped_column(default=0)
    rate_limited: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    retried: Mapped[int] = mapped_column(default=0)
    """Checks that took further calls, and of them those that came to a success."""
    retried_well: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    timed: Mapped[int] = mapped_column(default=0)
    """Answers, and how long all of them together have taken."""
    sum_ms: Mapped[float] = mapped_column(Double(), default=0.0)
    buckets: Mapped[Json] = mapped_column(default="{}")
    """Of `ResponseTimes`."""
    errors: Mapped[Json] = mapped_column(default="{}")
    """How many of each `ErrorType`."""
