"""Keys by which a repeated request is known."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class IdempotencyKey(Record):
    """One key of one caller, recorded in the same transaction as its job."""

    __tablename__ = "idempotency_key"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[Id]
    """SHA-256 of the method, the path and the body."""
    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    status: Mapped[int | None]
    body: Mapped[Json | None]
    location: Mapped[str | None]
    """The first answer; None while it is being made."""
    answer_by: Mapped[Seconds]
    """From then on whoever was to answer counts as gone."""
    created_at: Mapped[Seconds] = mapped_column(index=True)
