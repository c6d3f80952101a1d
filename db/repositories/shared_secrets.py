"""Secrets that all processes share."""

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from db.engine import now
from db.models import SharedSecret

SECRET_BYTES = 32


def find_secret(connection: Connection, name: str) -> bytes | None:
    """Return the secret of this name, if someone has made it."""
    query = select(SharedSecret.secret).where(SharedSecret.name == name)
    found = connection.execute(query).scalar()
    return None if found is None else bytes.fromhex(found)


def make_secret(connection: Connection, name: str) -> None:
    """Make the secret of this name; whoever made it first has made it for all."""
    dialect = connection.dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    connection.execute(
        insert(SharedSecret)
        .values(name=name, secret=secrets.token_hex(SECRET_BYTES), created_at=now())
        .on_conflict_do_nothing()
    )
