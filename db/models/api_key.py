"""Keys by which callers are known."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.contracts.caller import BY_KEY
from db.models.record import Id, Record, Seconds

_LIMITED = text("max_running is not null")


class ApiKey(Record):
    """One key. Its secret is not here, only what shows that it is the right one."""

    __tablename__ = "api_key"
    __table_args__ = (
        # Asked at every turn; as good as empty where no key has such a limit.
        Index(
            "ix_api_key_caller_limited",
            "caller",
            sqlite_where=_LIMITED,
            postgresql_where=_LIMITED,
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    """What may be shown of it, and what it is found by."""
    digest: Mapped[Id]
    """SHA-256 of the secret."""
    caller: Mapped[str]
    """``key:`` and its owner, as the rows of the owner's jobs have it."""
    name: Mapped[str]
    scopes: Mapped[str]
    """Words, with spaces between them."""
    max_queued: Mapped[int | None]
    max_running: Mapped[int | None]
    created_at: Mapped[Seconds]
    expires_at: Mapped[Seconds | None]
    revoked_at: Mapped[Seconds | None]
    last_used_at: Mapped[Seconds | None]
    """To the minute."""

    @property
    def owner(self) -> str:
        """Whose key it is."""
        return self.caller.removeprefix(BY_KEY)
