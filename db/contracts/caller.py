"""Who asks, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key or token allows."""

    READ = "jobs:read"
    WRITE = "jobs:write"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)
OWNER_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9@._-]{0,99}$"
"""What owners of keys may be called."""
BY_KEY = "key:"
BY_TOKEN = "jwt:"  # noqa: S105 - the start of a name, no secret
"""Before the names of callers: no address looks so."""


def read_scopes(words: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes that these words name; admin includes the others.

    Words that name none are left out: a token's issuer has scopes of its own.
    """
    named = frozenset(Scope(word) for word in words if word in EVERY_SCOPE)
    return EVERY_SCOPE if Scope.ADMIN in named else named


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever sent a request: known by a key or a token, or only by an address."""

    name: str
    """Whose the jobs are, whose turns are counted, and whose requests are limited:
    ``key:`` and the key's owner, ``jwt:`` and the token's subject, or the address."""
    scopes: frozenset[Scope] = EVERY_SCOPE
    is_known: bool = False
    """Whether a key or a token says so."""
    max_queued: int | None = None
    """How many of its jobs may wait; None is what the settings say."""
    topics: frozenset[str] | None = None
    """All that it may follow, where a stream token says so."""
    reads_all: bool = False
    """Whether whoever made the stream token sees all."""

    @property
    def sees_all(self) -> bool:
        """Whether other callers' jobs are there for this one."""
        return self.reads_all or Scope.ADMIN in self.scopes

    def may_follow(self, topic: str) -> bool:
        """Return whether a stream token, if the caller came by one, is for it."""
        return self.topics is None or topic in self.topics

    def sees(self, owner: str) -> bool:
        """Return whether this owner's jobs are there for the caller."""
        return self.sees_all or owner == self.name

    def hears(self, owner: str) -> bool:
        """Return whether an event is for the caller: nobody's is everyone's."""
        return not owner or self.sees(owner)

    @property
    def sees_of(self) -> str | None:
        """Whose rows a listing shows; None is everyone's."""
        return None if self.sees_all else self.name
