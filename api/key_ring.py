"""Whose a key is: asked of the database, and remembered for some seconds."""

import hmac
import logging
import time
from dataclasses import dataclass

import anyio.to_thread

from api.state import ApiState
from db.contracts.api_key import NO_DIGEST, KeyText
from db.contracts.caller import Caller
from db.contracts.errors import (
    DatabaseUnavailableError,
    UnauthenticatedError,
    UnavailableError,
)
from db.repositories import api_keys
from db.repositories.api_keys import KnownKey

logger = logging.getLogger(__name__)

KEPT_SECONDS = 5.0
"""So long a key may still open what it opened, after it was revoked elsewhere."""
MAX_KEPT = 10_000
AWAY_SECONDS = 1.0
"""So long a database that did not answer is not asked again."""


@dataclass(slots=True)
class _Held:
    key: KnownKey
    ends_at: float
    """When it expires, by this process' clock."""
    fresh_until: float
    is_use_due: bool
    """Whether that it is used has still to be written."""


class KeyRing:
    """The keys that this process has seen lately."""

    def __init__(self, state: ApiState) -> None:
        self._state = state
        self._held: dict[str, _Held] = {}
        self._away_until = 0.0

    async def find(self, text: KeyText) -> Caller:
        """Return who sends this key; raise UnauthenticatedError if it opens nothing.

        A wrong secret and an unknown prefix cost and say the same. While the database
        is away keys that were seen go on; others raise UnavailableError.
        """
        held = await self._find(text.prefix)
        expected = NO_DIGEST if held is None else held.key.digest
        is_right = hmac.compare_digest(text.digest, expected)
        if held is None or not is_right:
            raise UnauthenticatedError(f"the key {text.prefix} opens nothing here")
        _refuse_ended(held, text.prefix)
        if held.is_use_due:
            held.is_use_due = False
            await self._note_use(text.prefix)
        return held.key.caller

    async def require_good(self, prefix: str) -> None:
        """Raise UnauthenticatedError if the key of this prefix is good no longer."""
        held = await self._find(prefix)
        if held is None:
            raise UnauthenticatedError(f"the key {prefix} opens nothing here")
        _refuse_ended(held, prefix)

    def forget(self, prefix: str) -> None:
        """Ask the database before the key opens anything again."""
        self._held.pop(prefix, None)

    async def _find(self, prefix: str) -> _Held | None:
        held = self._held.get(prefix)
        now = time.monotonic()
        if held is not None:
            if now < held.fresh_until:
                return held
            # One request asks; those that come meanwhile go by what is known.
            held.fresh_until = now + KEPT_SECONDS
        try:
            found = await self._ask(prefix)
        except UnavailableError:
            if held is None:
                raise
            return held
        self.forget(prefix)
        if found is None:
            return None
        if len(self._held) >= MAX_KEPT:
            self.forget(next(iter(self._held)))
        now = time.monotonic()
        held = _Held(
            found,
            ends_at=now + found.seconds_left,
            fresh_until=now + KEPT_SECONDS,
            is_use_due=found.is_use_due,
        )
        self._held[prefix] = held
        return held

    async def _ask(self, prefix: str) -> KnownKey | None:
        # Who guesses must not keep every thread waiting for a database that is away.
        if time.monotonic() < self._away_until:
            raise DatabaseUnavailableError
        try:
            return await anyio.to_thread.run_sync(self._load, prefix)
        except UnavailableError:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise

    def _load(self, prefix: str) -> KnownKey | None:
        with self._state.backplane.database.reading() as connection:
            return api_keys.find_key(connection, prefix)

    async def _note_use(self, prefix: str) -> None:
        try:
            await anyio.to_thread.run_sync(self._write_use, prefix)
        except UnavailableError:
            logger.debug("use not noted", extra={"action": "use_lost", "key": prefix})

    def _write_use(self, prefix: str) -> None:
        with self._state.backplane.database.transaction() as connection:
            api_keys.note_use(connection, prefix)


def _refuse_ended(held: _Held, prefix: str) -> None:
    if held.key.is_revoked:
        raise UnauthenticatedError(f"the key {prefix} is revoked")
    if time.monotonic() >= held.ends_at:
        raise UnauthenticatedError(f"the key {prefix} has expired")
