"""Where webhooks go."""

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.delivery import USUAL_OF_JOB, EndpointState, Form, Mode, write_events
from db.models.record import Id, Json, Record, Seconds


class Endpoint(Record):
    """A receiver, what it wants to hear, and the secrets that sign what it gets.

    Either a job's own, or an owner's: it hears of the events of that owner's jobs.
    """

    __tablename__ = "endpoint"
    __table_args__ = (Index("ix_endpoint_owner_created_at", "owner", "created_at"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    job_id: Mapped[Id | None] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), index=True
    )
    """The one job it was given with."""
    owner: Mapped[str | None]
    """Whose it is; None of a job's own, which is its job's owner's."""
    of_operator: Mapped[bool] = mapped_column(default=False)
    """Whether its owner saw all when making it: it hears what is for operators too."""
    mode: Mapped[str] = mapped_column(default=Mode.PUSH)
    url: Mapped[str] = mapped_column(Text)
    """Empty where its owner fetches."""
    receiver: Mapped[Id]
    """Equal for endpoints of one owner at one host and port: see `Receiver`."""
    secret: Mapped[str]
    old_secrets: Mapped[Json] = mapped_column(default="[]")
    """Newest first, each with the moment until which it signs too."""
    events: Mapped[str] = mapped_column(Text, default=write_events(USUAL_OF_JOB))
    """See `write_events`."""
    payload: Mapped[str] = mapped_column(default=Form.FULL)
    description: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(default=EndpointState.ACTIVE)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[Seconds | None]
    """When the first of the latest attempts was made that have all failed."""
    created_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]
