"""One HTTP request of a delivery."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.delivery import Trigger
from db.models.record import Id, Record, Seconds


class DeliveryAttempt(Record):
    """Either a status code or an error, never both."""

    __tablename__ = "delivery_attempt"

    delivery_id: Mapped[Id] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    trigger: Mapped[str] = mapped_column(default=Trigger.SCHEDULE)
    started_at: Mapped[Seconds]
    duration_ms: Mapped[Seconds]
    status_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    response_head: Mapped[str | None] = mapped_column(Text)
    """The first KiB of the answer."""
    next_attempt_at: Mapped[Seconds | None]
    """When the next was to be made, by what came of this one."""
