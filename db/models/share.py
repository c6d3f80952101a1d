"""How much of a queue each caller has had."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Record, Seconds


class Share(Record):
    """One caller in one queue."""

    __tablename__ = "share"

    queue: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(primary_key=True)
    served: Mapped[Seconds] = mapped_column(default=0.0)
    """Jobs taken, less what it missed while it had none: not a moment, a count."""
