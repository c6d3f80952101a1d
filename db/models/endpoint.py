"""Where webhooks go."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Record, Seconds


class Endpoint(Record):
    """A receiver's URL and the secret that signs what it gets."""

    __tablename__ = "endpoint"

    id: Mapped[Id] = mapped_column(primary_key=True)
    job_id: Mapped[Id | None] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), index=True
    )
    """The one job it was given with."""
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str]
    created_at: Mapped[Seconds]
