"""A secret that all processes share and nobody has to set."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class SharedSecret(Record):
    """Made by whoever needs it first; delete the row, and it is made anew."""

    __tablename__ = "shared_secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    """In hex."""
    created_at: Mapped[Seconds]
