"""What a caller asked for. The row is the truth; the broker holds only its id."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.job_state import JobState
from db.models.record import Id, Json, Record, Seconds


class Job(Record):
    """One job."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_created_at_id", "created_at", "id"),
        Index("ix_job_state_lease_until", "state", "lease_until"),
        Index("ix_job_state_finished_at", "state", "finished_at"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[str]
    queue: Mapped[str]
    state: Mapped[str] = mapped_column(default=JobState.QUEUED)
    request: Mapped[Json]
    result: Mapped[Json | None] = mapped_column(deferred=True)
    error: Mapped[Json | None]
    method: Mapped[str | None]
    instance_sha256: Mapped[Id | None] = mapped_column(index=True)
    """Not a foreign key: instances of the shipped library are not stored."""

    attempt: Mapped[int] = mapped_column(default=0)
    """Of the latest claim: the fencing token of every later write."""
    losses: Mapped[int] = mapped_column(default=0)
    """Attempts whose worker fell silent."""
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts that ended in an error worth another try."""
    lease_owner: Mapped[str | None]
    lease_until: Mapped[Seconds] = mapped_column(default=0.0)
    available_at: Mapped[Seconds] = mapped_column(default=0.0)
    deadline_at: Mapped[Seconds | None]
    cancel_requested_at: Mapped[Seconds | None]

    checkpoint: Mapped[Json | None] = mapped_column(deferred=True)
    milestones: Mapped[int] = mapped_column(default=0)
    """How many events of this job are rows."""
    archived: Mapped[bool] = mapped_column(default=False)
    """Whether its log lies in the archive."""

    created_at: Mapped[Seconds]
    started_at: Mapped[Seconds | None]
    finished_at: Mapped[Seconds | None]
