"""One event owed to one endpoint."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.delivery import DeliveryState
from db.models.record import Id, Record, Seconds


class Delivery(Record):
    """Its id is the ``webhook-id``: the same on every attempt."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_state_next_attempt_at", "state", "next_attempt_at"),
        UniqueConstraint("job_id", "ordinal", "endpoint_id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    job_id: Mapped[Id] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    """Which milestone of the job it carries."""
    endpoint_id: Mapped[Id] = mapped_column(
        ForeignKey("endpoint.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(default=DeliveryState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    """Of the latest claim: the fencing token of the attempt's writes."""
    next_attempt_at: Mapped[Seconds]
    hinted_until: Mapped[Seconds] = mapped_column(default=0.0)
    """No one need send another hint before."""
    lease_until: Mapped[Seconds] = mapped_column(default=0.0)
    created_at: Mapped[Seconds]
    finished_at: Mapped[Seconds | None]
