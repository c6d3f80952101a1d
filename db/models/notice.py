"""What the service tells of itself: the outbox of events that belong to no job."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Notice(Record):
    """One event, which deliveries carry and the owner's channel tells."""

    __tablename__ = "notice"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """The event's."""
    type: Mapped[str]
    time: Mapped[Seconds]
    owner: Mapped[str]
    """Who alone may hear of it."""
    subject: Mapped[Id]
    data: Mapped[Json]
    told: Mapped[bool] = mapped_column(default=False, index=True)
    """Whether the channel has it, or it is for one endpoint alone."""
