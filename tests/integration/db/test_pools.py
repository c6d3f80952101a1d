"""What PostgreSQL is told of each process, and how long it lets one wait."""

import os

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from db.contracts.database_settings import Role
from db.contracts.errors import DatabaseUnavailableError
from db.contracts.settings import Settings
from db.engine import Database
from db.schema import ensure_schema
from tests.sample_jobs import claim, submit, try_claim
from tests.servers.postgresql import PostgreSQL


def opened(url: str, role: Role = Role.API, **settings: object) -> Database:
    told = Settings(database_url=url, host="a-host", **settings)  # type: ignore[arg-type]
    return Database(told, role=role)


@pytest.mark.parametrize("role", Role)
def test_the_server_knows_who_is_who(postgresql_url: str, role: Role) -> None:
    database = opened(postgresql_url, role)
    with database.reading() as connection:
        name = connection.execute(
            text(
                "select application_name from pg_stat_activity "
                "where pid = pg_backend_pid()"
            )
        ).scalar_one()
    database.close()
    assert name == f"solvequeue {role} a-host:{os.getpid()}"


def test_a_name_and_options_of_the_url_hold(postgresql_url: str) -> None:
    url = make_url(postgresql_url).update_query_dict(
        {"application_name": "mine", "options": "-c lock_timeout=7000"}
    )
    database = opened(url.render_as_string(hide_password=False))
    with database.reading() as connection:
        found = [
            connection.execute(text(f"show {name}")).scalar_one()
            for name in ("application_name", "lock_timeout", "statement_timeout")
        ]
    database.close()
    assert found == ["mine", "7s", "20s"]


@pytest.mark.parametrize(
    ("role", "settings", "size"),
    [
        (Role.API, {}, (10, 30)),
        (Role.SOLVER, {}, (2, 3)),
        (Role.SOLVER, {"database_pool_size": 4}, (4, 3)),
        (Role.COURIER, {"database_pool_overflow": 0}, (10, 0)),
    ],
)
def test_a_pool_is_as_large_as_its_role_needs(
    role: Role, settings: dict[str, int], size: tuple[int, int]
) -> None:
    database = opened("postgresql://nobody@127.0.0.1:1/none", role, **settings)
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert (pool.size(), pool._max_overflow) == size
    database.close()


def test_who_waits_for_a_lock_too_long_gives_up(postgresql_url: str) -> None:
    database = opened(postgresql_url, database_lock_seconds=0.2)
    job_id = submit(database)
    with database.transaction() as holder:
        holder.execute(
            text("select 1 from job where id = :id for update"), {"id": job_id}
        )
        with pytest.raises(DatabaseUnavailableError):
            try_claim(database, job_id)
    assert claim(database, job_id).attempt == 1
    database.close()


def test_a_statement_that_takes_too_long_ends(postgresql_url: str) -> None:
    database = opened(postgresql_url, database_statement_seconds=0.2)
    with pytest.raises(DatabaseUnavailableError), database.reading() as connection:
        connection.execute(text("select pg_sleep(30)"))
    database.close()


def test_a_process_that_stands_still_lets_go_of_what_it_has_locked(
    postgresql_url: str,
) -> None:
    """As one that was stopped does: its connection lives, and nothing comes of it."""
    frozen = opened(postgresql_url, database_idle_transaction_seconds=0.3)
    others = opened(postgresql_url)
    lock = text("select 1 from job where id = :id for update")
    job_id = submit(others)

    def stand_still() -> None:
        with frozen.transaction() as holder:
            holder.execute(lock, {"id": job_id})
            # Waits until the server has ended the one that does nothing.
            assert claim(others, job_id).attempt == 1
            holder.execute(text("select 1"))

    with pytest.raises(DatabaseUnavailableError):
        stand_still()
    frozen.close()
    others.close()


def test_a_connection_that_the_server_has_ended_is_made_again(
    postgresql_url: str,
) -> None:
    database = opened(postgresql_url, Role.SOLVER)
    with database.reading() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
    dsn = postgresql_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pid])
    with database.reading() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    database.close()


def test_a_migration_may_take_longer_than_a_statement_may(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    upgrade = command.upgrade

    def slowly(config: object, revision: str) -> None:
        config.attributes["connection"].execute(text("select pg_sleep(0.5)"))  # type: ignore[attr-defined]
        upgrade(config, revision)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "upgrade", slowly)
    database = opened(postgresql.create_database(), database_statement_seconds=0.3)
    ensure_schema(database)
    with database.reading() as connection:
        count = connection.execute(text("select count(*) from job")).scalar_one()
        # The next transaction has its limit again.
        with pytest.raises(DBAPIError):
            connection.execute(text("select pg_sleep(30)"))
    assert count == 0
    database.close()
