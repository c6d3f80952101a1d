"""Keys of requests, and the first answers to them."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.errors import KeyInUseError
from db.engine import now
from db.models import IdempotencyKey


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it came with a request."""

    caller: str
    key: str
    fingerprint: str
    """SHA-256 of the method, the path and the body."""
    answer_seconds: float
    """How long the first answer may take."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that came before."""

    fingerprint: str
    job_id: str
    status: int | None
    body: str | None
    location: str | None
    is_being_answered: bool


def put_key(connection: Connection, key: NewKey, job_id: str) -> None:
    """Record the key of the job that is being recorded.

    Raises KeyInUseError where another request with the same key was faster.
    """
    dialect = connection.dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    row = connection.execute(
        insert(IdempotencyKey)
        .values(
            caller=key.caller,
            key=key.key,
            fingerprint=key.fingerprint,
            job_id=job_id,
            answer_by=now() + key.answer_seconds,
            created_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.job_id)
    ).one_or_none()
    if row is None:
        raise KeyInUseError


def find_key(connection: Connection, caller: str, key: str) -> KnownKey | None:
    """Return what is known of the key."""
    row = connection.execute(
        select(
            IdempotencyKey.fingerprint,
            IdempotencyKey.job_id,
            IdempotencyKey.status,
            IdempotencyKey.body,
            IdempotencyKey.location,
            (IdempotencyKey.answer_by > now()).label("is_being_answered"),
        ).where(IdempotencyKey.caller == caller, IdempotencyKey.key == key)
    )
    found = row.mappings().one_or_none()
    return None if found is None else KnownKey(**found)


def put_answer(
    connection: Connection, key: NewKey, *, status: int, body: str, location: str
) -> None:
    """Keep the first answer to the request that brought the key."""
    connection.execute(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.caller == key.caller,
            IdempotencyKey.key == key.key,
            IdempotencyKey.status.is_(None),
        )
        .values(status=status, body=body, location=location)
    )


def forget_keys(connection: Connection, *, older_than_seconds: float) -> int:
    """Delete keys that came longer ago; return how many."""
    deleted = connection.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.created_at < now() - older_than_seconds)
        .returning(IdempotencyKey.key)
    )
    return len(deleted.all())
