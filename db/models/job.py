"""What a caller asked for. The row is the truth; the broker holds only its id."""

from sqlalchemy import Index, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.job_state import JobState
from db.models.record import Id, Json, Record, Seconds

# A job's row is written four times, and each time every index that it is in costs a
# page: most are of some rows only. A query has to say these very words to use them.
WAITING = text("state = 'queued' and not held")
OPEN = text("state in ('queued', 'running')")
_TOP = text("parent_id is null")
ENDED = text("finished_at is not null")
UNARCHIVED = text("finished_at is not null and not archived")
_IN_FLIGHT = text("leads and state in ('queued', 'running')")


def _where(name: str, *columns: str, which: TextClause, unique: bool = False) -> Index:
    """Return an index of those rows."""
    return Index(
        name, *columns, unique=unique, sqlite_where=which, postgresql_where=which
    )


def _where_there(name: str, *columns: str, unique: bool = False) -> Index:
    """Return an index of the rows in which its first column is not null."""
    which = text(f"{columns[0]} is not null")
    return _where(name, *columns, which=which, unique=unique)


class Job(Record):
    """One job."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_created_at_id", "created_at", "id"),
        Index("ix_job_caller_created_at_id", "caller", "created_at", "id"),
        # The newest of one state, children left out: else all of it would be sorted.
        _where("ix_job_listed", "state", "created_at", "id", which=_TOP),
        _where("ix_job_open", "state", "lease_until", which=OPEN),
        _where("ix_job_state_finished_at", "state", "finished_at", which=ENDED),
        _where("ix_job_finished_at_id", "finished_at", "id", which=ENDED),
        # Of history by method and by caller; written when a job ends.
        *(
            _where(
                f"ix_job_{column}_finished_at_id",
                column,
                "finished_at",
                "id",
                which=ENDED,
            )
            for column in ("method", "caller")
        ),
        _where("ix_job_unarchived", "finished_at", which=UNARCHIVED),
        _where_there("ix_job_instance_sha256", "instance_sha256"),
        _where_there("ix_job_fingerprint", "fingerprint", "finished_at"),
        _where_there("ix_job_origin_id", "origin_id"),
        _where_there("ix_job_follows", "follows"),
        _where_there("uq_job_parent_id_position", "parent_id", "position", unique=True),
        _where_there(
            "ix_job_parent_id_state", "parent_id", "state", "held", "position"
        ),
        # In the order in which workers take them, callers apart.
        _where("ix_job_turn", "queue", "caller", "order_at", which=WAITING),
        # The same work runs once: the database refuses a second one in flight.
        _where("uq_job_in_flight", "fingerprint", which=_IN_FLIGHT, unique=True),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[str]
    queue: Mapped[str]
    state: Mapped[str] = mapped_column(default=JobState.QUEUED)
    request: Mapped[Json]
    result: Mapped[Json | None] = mapped_column(deferred=True)
    certificate: Mapped[Json | None] = mapped_column(deferred=True)
    """Kept when the result is removed."""
    error: Mapped[Json | None]
    method: Mapped[str | None]
    instance_sha256: Mapped[Id | None]
    """Not a foreign key: instances of the shipped library are not stored."""
    matrix_order: Mapped[int | None]
    """How many facilities the instance has."""

    caller: Mapped[str] = mapped_column(default="")
    """Who asked and owns it: queues are shared fairly between callers."""
    priority_s: Mapped[Seconds] = mapped_column(default=0.0)
    """How many seconds earlier it counts as sent."""
    order_at: Mapped[Seconds] = mapped_column(default=0.0)
    """When it counts as sent: of one caller's jobs the earliest is taken first."""
    held: Mapped[bool] = mapped_column(default=False)
    """Whether it waits for its parent or its leader; no worker may claim it."""
    origin: Mapped[str | None]
    """Why there is this job, if not for a caller's new wish; see `Origin`."""
    origin_id: Mapped[Id | None]

    traceparent: Mapped[Id | None]
    """The trace that it is part of; see `db.contracts.trace`."""

    parent_id: Mapped[Id | None]
    """Not a foreign key: thousands of children are deleted in portions."""
    position: Mapped[int | None]
    """Its place among its parent's children."""
    children: Mapped[int | None]
    """How many it is to have, if it is made of other jobs."""
    fan_out: Mapped[int | None]
    """How many of them may be open at once."""

    fingerprint: Mapped[Id | None]
    """Of the work: equal for jobs that must have equal results."""
    leads: Mapped[bool] = mapped_column(default=False)
    """Whether equal jobs may follow it and share its end."""
    follows: Mapped[Id | None]
    """The job in flight that does this one's work."""
    cached_from: Mapped[Id | None]
    """The job whose result it was given."""

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
    notify: Mapped[Json | None]
    """Whether and how a person is to be told of its end: an `EndWish`."""
    archived: Mapped[bool] = mapped_column(default=False)
    """Whether its log lies in the archive."""

    # What it came to, kept when the result is removed: history and statistics are
    # made of these, and never read results.
    objective: Mapped[Seconds | None]
    """Rounded above 2**53; the result has all its digits."""
    quality: Mapped[Seconds | None]
    """Best known objective, published or proven, over its own: from 0 to 1."""
    gap: Mapped[Seconds | None]
    """To the best known objective; to the bound where none is known."""
    elapsed_s: Mapped[Seconds | None]
    iterations: Mapped[int | None]

    created_at: Mapped[Seconds]
    started_at: Mapped[Seconds | None]
    finished_at: Mapped[Seconds | None]
    result_removed_at: Mapped[Seconds | None]
    eta_low_at: Mapped[Seconds | None]
    eta_high_at: Mapped[Seconds | None]
    """Between these it was said to start, when it was accepted."""
