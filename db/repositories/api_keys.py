"""Keys of callers: made, found by their prefix, revoked; never their secrets."""

import math
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from db.contracts.api_key import KeyText
from db.contracts.caller import BY_KEY, Caller, Scope, read_scopes
from db.contracts.errors import NotFoundError
from db.contracts.identifier import new_id
from db.engine import now
from db.models import ApiKey

USED_SECONDS = 60.0
"""The last use is written no more often."""
_COLUMNS = ApiKey.__table__.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """What an operator decides of a key."""

    owner: str
    name: str = ""
    scopes: frozenset[Scope]
    expires_s: float | None = None
    """Seconds from now."""
    max_queued: int | None = None
    max_running: int | None = None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What is needed to let a caller in."""

    caller: Caller
    digest: str
    is_revoked: bool
    seconds_left: float
    """Until it expires; infinite if it does not."""
    is_use_due: bool
    """Whether its last use was written long enough ago to be written again."""


_FIND = select(
    ApiKey.caller,
    ApiKey.digest,
    ApiKey.scopes,
    ApiKey.max_queued,
    ApiKey.revoked_at.is_not(None).label("is_revoked"),
    (ApiKey.expires_at - now()).label("seconds_left"),
    (func.coalesce(ApiKey.last_used_at, 0.0) < now() - USED_SECONDS).label("is_due"),
).where(ApiKey.prefix == bindparam("prefix"))


def create_key(connection: Connection, new: NewApiKey) -> tuple[ApiKey, KeyText]:
    """Record a new key; return it with its secret, which nobody can look up later."""
    text = KeyText.new()
    row = connection.execute(
        insert(ApiKey)
        .values(
            id=new_id("key"),
            prefix=text.prefix,
            digest=text.digest,
            caller=BY_KEY + new.owner,
            name=new.name,
            scopes=" ".join(scope for scope in Scope if scope in new.scopes),
            max_queued=new.max_queued,
            max_running=new.max_running,
            created_at=now(),
            expires_at=None if new.expires_s is None else now() + new.expires_s,
        )
        .returning(*_COLUMNS)
    )
    return ApiKey(**row.mappings().one()), text


def find_key(connection: Connection, prefix: str) -> KnownKey | None:
    """Return what is known of the key with this prefix; its secret is not checked."""
    row = connection.execute(_FIND, {"prefix": prefix}).one_or_none()
    if row is None:
        return None
    caller = Caller(
        name=row.caller,
        scopes=read_scopes(row.scopes.split()),
        is_known=True,
        max_queued=row.max_queued,
    )
    return KnownKey(
        caller=caller,
        digest=row.digest,
        is_revoked=bool(row.is_revoked),
        seconds_left=math.inf if row.seconds_left is None else row.seconds_left,
        is_use_due=bool(row.is_due),
    )


def note_use(connection: Connection, prefix: str) -> None:
    """Write that the key is used, unless another process just has."""
    connection.execute(
        update(ApiKey)
        .where(
            ApiKey.prefix == prefix,
            or_(
                ApiKey.last_used_at.is_(None),
                ApiKey.last_used_at < now() - USED_SECONDS,
            ),
        )
        .values(last_used_at=now())
    )


def list_keys(connection: Connection) -> list[ApiKey]:
    """Return all keys there ever were, newest first."""
    query = select(*_COLUMNS).order_by(ApiKey.created_at.desc(), ApiKey.id)
    return [ApiKey(**row) for row in connection.execute(query).mappings()]


def revoke_key(connection: Connection, prefix: str) -> ApiKey:
    """Let the key open nothing any more; twice is harmless."""
    row = connection.execute(
        update(ApiKey)
        .where(ApiKey.prefix == prefix)
        .values(revoked_at=func.coalesce(ApiKey.revoked_at, now()))
        .returning(*_COLUMNS)
    )
    revoked = row.mappings().one_or_none()
    if revoked is None:
        raise NotFoundError(f"there is no key {prefix}")
    return ApiKey(**revoked)
