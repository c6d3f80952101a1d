"""What is watched, and how it stands."""

from sqlalchemy import Double, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.record import Id, Json, Record, Seconds


class Provider(Record):
    """One outside service, or one part of this one."""

    __tablename__ = "provider"
    __table_args__ = (
        Index("uq_provider_name", "name", unique=True),
        Index("ix_provider_created_at_id", "created_at", "id"),
        # Whose check is due; `next_at` is null while it is paused.
        Index("ix_provider_next_at", "next_at"),
        Index("ix_provider_state", "state"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    """A `ProviderKind`; of an internal one the name says which part it is."""
    origin: Mapped[str]
    category: Mapped[str]
    description: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    second_url: Mapped[str] = mapped_column(Text, default="")
    """Where it is asked while the first place does not answer."""
    key: Mapped[Json | None]
    """A `Key`: where it is found, never the key itself."""
    limits: Mapped[Json] = mapped_column(default="[]")
    """A list of `Limit`."""
    expectation: Mapped[Json] = mapped_column(default="{}")
    collection: Mapped[Json | None]
    tier: Mapped[int] = mapped_column(default=2)
    """1 matters most, 3 least."""
    every_s: Mapped[Seconds] = mapped_column(default=300.0)
    paused: Mapped[bool] = mapped_column(default=False)

    state: Mapped[str]
    state_since: Mapped[Seconds]
    level: Mapped[str]
    streak: Mapped[int] = mapped_column(default=0)
    checks: Mapped[int] = mapped_column(default=0)
    """How many were made: the number of the latest."""
    last_check_at: Mapped[Seconds | None]
    last_success_at: Mapped[Seconds | None]
    last_collected_at: Mapped[Seconds | None]
    last_response_ms: Mapped[float | None] = mapped_column(Double())
    last_error_type: Mapped[str | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    validator: Mapped[str | None] = mapped_column(Text)
    """What it calls the version of its answer, and of which address."""
    on_second: Mapped[bool] = mapped_column(default=False)
    """Whether it is asked at its second place."""
    failed_in_a_row: Mapped[int] = mapped_column(default=0)
    """Calls without an answer: they open its circuit."""
    open_until: Mapped[Seconds] = mapped_column(default=0.0)
    """Its circuit lets nothing pass before."""
    wait_until: Mapped[Seconds] = mapped_column(default=0.0)
    """It has asked to be left alone so long."""
    declared: Mapped[Json | None]
    """What it said of its own budget last, as a `Declared`."""
    usage_told_at: Mapped[Seconds | None]
    """When it was last recorded how much of its budgets is used up."""

    next_at: Mapped[Seconds | None]
    claimed_until: Mapped[Seconds] = mapped_column(default=0.0)
    """Somebody checks it now, or has died doing so."""
    left_at: Mapped[Seconds | None]
    """Since when the registry file does not name it any more; it is paused then."""
    version: Mapped[int] = mapped_column(default=1)
    """One more with each change of what is asked."""
    created_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]
