"""Receivers that did not answer lately; those that answer have no row."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class Receiver(Record):
    """A host and port that an owner's endpoints name: their circuit breaker.

    In the record, so that it outlives Redis, and by owner: nobody opens another's.
    """

    __tablename__ = "receiver"

    id: Mapped[Id] = mapped_column(primary_key=True)
    """See `receiver_of`."""
    failures: Mapped[int]
    """Requests in a row that got no answer."""
    open_until: Mapped[Seconds]
    """Nothing is sent there before, but what its owner asks for by hand."""
    updated_at: Mapped[Seconds]
