"""Keys in both databases: found by prefix, revoked, expired, and how they are used."""

import math

import pytest
from sqlalchemy import select, update

from db.contracts.api_key import KeyText
from db.contracts.caller import EVERY_SCOPE, Scope
from db.contracts.errors import NotFoundError
from db.engine import Database, now
from db.models import ApiKey
from db.repositories import api_keys
from db.repositories.api_keys import KnownKey, NewApiKey

READ = frozenset({Scope.READ})


def create(database: Database, **changes: object) -> tuple[ApiKey, KeyText]:
    known = {"owner": "ops", "scopes": READ, **changes}
    with database.transaction() as connection:
        return api_keys.create_key(connection, NewApiKey(**known))  # type: ignore[arg-type]


def find(database: Database, prefix: str) -> KnownKey:
    with database.reading() as connection:
        found = api_keys.find_key(connection, prefix)
    assert found is not None
    return found


def use(database: Database, prefix: str) -> None:
    with database.transaction() as connection:
        api_keys.note_use(connection, prefix)


def set_key(database: Database, prefix: str, **values: object) -> None:
    with database.transaction() as connection:
        connection.execute(update(ApiKey).where(ApiKey.prefix == prefix).values(values))


def used_at(database: Database, prefix: str) -> float | None:
    with database.reading() as connection:
        query = select(ApiKey.last_used_at).where(ApiKey.prefix == prefix)
        return connection.execute(query).scalar_one()


def test_a_key_is_found_by_its_prefix(database: Database) -> None:
    made, text = create(database, max_queued=7)
    found = find(database, made.prefix)
    assert (found.caller.name, found.caller.scopes) == ("key:ops", READ)
    assert (found.caller.is_known, found.caller.max_queued) == (True, 7)
    assert found.digest == text.digest
    assert (found.is_revoked, found.seconds_left) == (False, math.inf)


def test_no_column_has_the_secret(database: Database) -> None:
    _, text = create(database)
    with database.reading() as connection:
        (row,) = connection.execute(select(*ApiKey.__table__.columns))
    assert text.secret not in repr(tuple(row))


def test_an_unknown_prefix_finds_nothing(database: Database) -> None:
    with database.reading() as connection:
        assert api_keys.find_key(connection, "sq_aaaaaaaa") is None


def test_keys_of_one_owner_name_the_same_caller(database: Database) -> None:
    first, second = create(database)[0], create(database)[0]
    assert first.prefix != second.prefix
    assert find(database, first.prefix).caller == find(database, second.prefix).caller
    assert (first.owner, second.owner) == ("ops", "ops")


def test_admin_is_stored_and_found_as_every_scope(database: Database) -> None:
    made, _ = create(database, scopes=EVERY_SCOPE)
    assert find(database, made.prefix).caller.scopes == EVERY_SCOPE


def test_a_key_expires_by_the_clock_of_the_database(database: Database) -> None:
    made, _ = create(database, expires_s=100.0)
    assert 90 < find(database, made.prefix).seconds_left <= 100
    set_key(database, made.prefix, expires_at=now() - 1.0)
    assert find(database, made.prefix).seconds_left < 0


def test_a_revoked_key_is_known_as_such_and_stays_listed(database: Database) -> None:
    made, _ = create(database)
    for _ in range(2):
        with database.transaction() as connection:
            revoked = api_keys.revoke_key(connection, made.prefix)
    assert revoked.revoked_at is not None
    assert find(database, made.prefix).is_revoked
    with database.reading() as connection:
        assert [key.prefix for key in api_keys.list_keys(connection)] == [made.prefix]


def test_revoking_twice_keeps_the_first_time(database: Database) -> None:
    made, _ = create(database)
    set_key(database, made.prefix, revoked_at=5.0)
    with database.transaction() as connection:
        assert api_keys.revoke_key(connection, made.prefix).revoked_at == 5.0


def test_a_key_that_there_is_not_cannot_be_revoked(database: Database) -> None:
    with pytest.raises(NotFoundError), database.transaction() as connection:
        api_keys.revoke_key(connection, "sq_aaaaaaaa")


def test_the_last_use_is_written_once_a_minute(database: Database) -> None:
    made, _ = create(database)
    assert find(database, made.prefix).is_use_due
    use(database, made.prefix)
    first = used_at(database, made.prefix)
    assert first is not None
    assert not find(database, made.prefix).is_use_due
    use(database, made.prefix)
    assert used_at(database, made.prefix) == first
    set_key(database, made.prefix, last_used_at=now() - 61.0)
    assert find(database, made.prefix).is_use_due
    use(database, made.prefix)
    assert used_at(database, made.prefix) >= first  # type: ignore[operator]
