"""Stream tokens: what a browser may read for a while, in an address if need be.

Made for named topics by whoever may read those. They are signed with a key of their
own, for an audience and of a type of their own: none is taken for a caller's token,
and no caller's token is taken for one.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import jwt

from api.key_ring import KeyRing
from api.state import ApiState
from db.contracts.api_key import KeyText
from db.contracts.caller import Caller, Scope
from db.contracts.errors import UnauthenticatedError
from db.repositories import shared_secrets

START = "sqst_"
"""What they begin with: so logs know them."""
SECRET_NAME = "stream tokens"  # noqa: S105 - what it is called
ALGORITHM = "HS256"
TYPE = "stream+jwt"
AUDIENCE = "solvequeue:streams"
MAX_SECONDS = 300
MAX_CHARACTERS = 16_384
CLAIMS = ("aud", "exp", "sub", "topics", "all")
UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
_RESOURCES = {"jobs": "job", "batches": "batch", "benchmarks": "benchmark"}
_OF_JOB = re.compile(r"/v1/(jobs|batches|benchmarks)/([^/]+)/events")
_OF_CHANNEL = re.compile(r"/v1/channels/([^/]+)/events")


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a token, and by what they are known."""

    caller: Caller
    credential: str | None


class StreamTokens:
    """Makes and reads them, with a key that all API processes share."""

    def __init__(self, state: ApiState, keys: KeyRing) -> None:
        self._state = state
        self._keys = keys
        self._secret: bytes | None = None

    def make(self, maker: Maker, topics: Iterable[str], *, expires_at: int) -> str:
        """Return a token for topics that the maker may follow: see to that before."""
        claims: dict[str, Any] = {
            "aud": AUDIENCE,
            "exp": expires_at,
            "sub": maker.caller.name,
            "all": maker.caller.sees_all,
            "topics": sorted(topics),
            **_origin(maker.credential),
        }
        token = jwt.encode(claims, self._key(), ALGORITHM, headers={"typ": TYPE})
        return f"{START}{token}"

    async def find(self, text: str) -> Caller:
        """Return who may read what; raise UnauthenticatedError if nobody."""
        return await self._find(text, may_have_expired=False)

    async def find_again(self, text: str) -> Caller:
        """Do so for what the token has opened: that outlives it, but not its maker's.

        Of a key it is the key's end that counts, of a token that token's.
        """
        return await self._find(text, may_have_expired=True)

    async def _find(self, text: str, *, may_have_expired: bool) -> Caller:
        key = self._secret
        if key is None:
            key = await anyio.to_thread.run_sync(self._key)
        claims = _read(text, key, verifies_end=not may_have_expired)
        prefix, until = claims.get("key"), claims.get("until")
        if isinstance(prefix, str):
            await self._keys.require_good(prefix)
        if isinstance(until, int) and time.time() >= until:
            raise UnauthenticatedError("the token that made the stream token has ended")
        return Caller(
            name=claims["sub"],
            scopes=frozenset({Scope.READ}),
            is_known=True,
            topics=frozenset(claims["topics"]),
            reads_all=claims["all"] is True,
        )

    def _key(self) -> bytes:
        if self._secret is None:
            database = self._state.backplane.database
            with database.reading() as connection:
                found = shared_secrets.find_secret(connection, SECRET_NAME)
            if found is None:
                with database.transaction() as connection:
                    shared_secrets.make_secret(connection, SECRET_NAME)
                with database.reading() as connection:
                    found = shared_secrets.find_secret(connection, SECRET_NAME)
            self._secret = found
        if self._secret is None:
            raise RuntimeError("the key of the stream tokens is gone")
        return self._secret


def is_stream_token(text: str | None) -> bool:
    return text is not None and text.startswith(START)


def topic_of(path: str) -> str | None:
    """Return the topic that a route streams; None where it streams none."""
    found = _OF_JOB.fullmatch(path)
    if found is not None:
        return f"{_RESOURCES[found[1]]}:{found[2]}"
    found = _OF_CHANNEL.fullmatch(path)
    return None if found is None else found[1]


def _read(text: str, key: bytes, *, verifies_end: bool) -> dict[str, Any]:
    if len(text) > MAX_CHARACTERS:
        raise UnauthenticatedError("the stream token is too long")
    token = text.removeprefix(START)
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != TYPE or "crit" in header:
            raise UnauthenticatedError("this is no stream token")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": list(CLAIMS), "verify_exp": verifies_end},
        )
    except UNREADABLE as error:
        is_late = isinstance(error, jwt.ExpiredSignatureError)
        words = "has expired" if is_late else "cannot be believed"
        raise UnauthenticatedError(f"the stream token {words}") from error
    return claims


def _origin(credential: str | None) -> dict[str, Any]:
    """Return what the token ends with, whatever its own time says."""
    if credential is None:
        return {}
    key = KeyText.parse(credential)
    if key is not None:
        return {"key": key.prefix}
    # It was believed a moment ago, or nobody would make anything with it.
    claims = jwt.decode(credential, options={"verify_signature": False})
    return {"until": int(claims["exp"])}
