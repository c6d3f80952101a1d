"""Who asks, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key or token allows."""

    READ = "jobs:read"
    WRITE = "jobs:write"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever sent a request: known by a key or a token, or only by an address."""

    name: str
    """Whose the jobs are, whose turns are counted, and whose requests are limited."""
    scopes: frozenset[Scope] = EVERY_SCOPE
    is_known: bool = False
    """Whether a key or a token says so."""
    max_queued: int | None = None
    """How many of its jobs may wait; None is what the settings say."""

    @property
    def sees_all(self) -> bool:
        """Whether other callers' jobs are there for this one."""
        return Scope.ADMIN in self.scopes

    def sees(self, owner: str) -> bool:
        """Return whether this owner's jobs are there for the caller."""
        return self.sees_all or owner == self.name
