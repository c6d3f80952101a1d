"""Which instances are stored already, as far as this process has seen."""

from collections.abc import Iterable

from db.backplane import Backplane
from db.repositories.instances import is_known

MOST = 10_000


class KnownInstances:
    """Remembers what it has found in the record: no instance is ever deleted."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()

    def new_of(self, backplane: Backplane, digests: Iterable[str]) -> set[str]:
        """Return those that have still to be stored."""
        asked = set(digests) - self._known
        if not asked:
            return asked
        with backplane.database.reading() as connection:
            stored = {digest for digest in asked if is_known(connection, digest)}
        if stored:
            kept = self._known if len(self._known) < MOST else frozenset()
            self._known = kept | stored
        return asked - stored
