"""One event owed to one endpoint."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.delivery import DeliveryState, Mode, Trigger
from db.models.record import Id, Record, Seconds


class Delivery(Record):
    """Its id is the ``webhook-id``: the same on every attempt.

    It carries either a milestone of a job or a notice.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "state", "mode", "next_attempt_at"),
        Index("ix_delivery_listed", "endpoint_id", "created_at", "id"),
        Index("ix_delivery_owed", "endpoint_id", "state", "next_attempt_at"),
        UniqueConstraint("job_id", "ordinal", "endpoint_id"),
        UniqueConstraint("notice_id", "endpoint_id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    job_id: Mapped[Id | None] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    ordinal: Mapped[int | None]
    """Which milestone of the job it carries."""
    notice_id: Mapped[Id | None] = mapped_column(
        ForeignKey("notice.id", ondelete="CASCADE")
    )
    endpoint_id: Mapped[Id] = mapped_column(
        ForeignKey("endpoint.id", ondelete="CASCADE")
    )
    event_type: Mapped[str]
    mode: Mapped[str] = mapped_column(default=Mode.PUSH)
    """Its endpoint's, which never changes."""
    state: Mapped[str] = mapped_column(default=DeliveryState.PENDING)
    trigger: Mapped[str] = mapped_column(default=Trigger.SCHEDULE)
    """Of the next attempt."""
    tries: Mapped[int] = mapped_column(default=0)
    """Of the latest claim: the fencing token of the attempt's writes."""
    tries_before: Mapped[int] = mapped_column(default=0)
    """As many had been made when its present schedule began."""
    next_attempt_at: Mapped[Seconds]
    hinted_until: Mapped[Seconds] = mapped_column(default=0.0)
    """No one need send another hint before."""
    lease_until: Mapped[Seconds] = mapped_column(default=0.0, index=True)
    created_at: Mapped[Seconds]
    finished_at: Mapped[Seconds | None]
