"""The database: one engine a process, and what a transaction is."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Double

from db.contracts.database_settings import Role
from db.contracts.errors import DatabaseUnavailableError
from db.contracts.settings import Settings
from db.shared_transactions import SharedTransactions

T = TypeVar("T")

PAGE_CACHE_KIB = 256
"""Of each SQLite connection. With its own 2 MB a process with many threads grows for
an hour; what is read often is in the system's cache as well."""
BUSY_TIMEOUT_SECONDS = 10
ASK_AGAIN_SECONDS = 0.0002
CHECKPOINT_PAGES = 8000
"""To which SQLite's log grows, 32 MB, before it is copied into the database: with its
own 1000 a loaded service spends a tenth of its time on that, for the same pages."""
CONNECT_TIMEOUT_SECONDS = 3
MAX_NAME_CHARACTERS = 63
"""Of a connection; PostgreSQL cuts off what is longer."""
SILENCE_SECONDS = 6
"""After which the other end of a connection counts as gone: a network that is cut says
nothing, and a kernel left to itself goes on sending for a quarter of an hour, or waits
for two. Short, so that an attempt can reach another server before it fences itself."""
PROBE_AFTER_SECONDS = 3

_KEPT_BY_SERVER = {
    # As below: the server has to let go of what a host held that was cut off.
    "tcp_user_timeout": SILENCE_SECONDS * 1000,
    "tcp_keepalives_idle": PROBE_AFTER_SECONDS,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": SILENCE_SECONDS - PROBE_AFTER_SECONDS,
}
_POSTGRESQL: dict[str, object] = {
    "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    # What was sent and not acknowledged.
    "tcp_user_timeout": SILENCE_SECONDS * 1000,
    # While there is nothing to send: probes.
    "keepalives_idle": PROBE_AFTER_SECONDS,
    "keepalives_interval": 1,
    "keepalives_count": SILENCE_SECONDS - PROBE_AFTER_SECONDS,
}


class now(GenericFunction[float]):  # noqa: N801 - a SQL function is written small
    """Seconds since 1970 by the database's clock: the only clock of leases."""

    type = Double()
    name = identifier = "database_clock"
    inherit_cache = True


@compiles(now, "sqlite")
def _sqlite_now(*_: object, **__: object) -> str:
    # Not unixepoch('subsec'): SQLite 3.40 answers NULL to it.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _postgresql_now(*_: object, **__: object) -> str:
    return "extract(epoch from clock_timestamp())::float8"


class Watch(Protocol):
    """Hears how the database answers, and may keep calls away from it."""

    def admit(self) -> None: ...

    def succeeded(self) -> None: ...

    def failed(self) -> None: ...


class Database:
    """One engine, made after any fork, and its transactions."""

    watch: Watch | None = None

    def __init__(self, settings: Settings, *, role: Role = Role.COMMAND) -> None:
        self.url = settings.database
        self._settings = settings
        self._role = role
        self.engine = self._create_engine()
        # SQLite has one writer: waiting here is cheaper than its busy loop.
        self._writer = threading.Lock() if self.is_sqlite else None
        self._shared = SharedTransactions(self.transaction) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit all that is done inside, or nothing."""
        with self._unavailable_when_away():
            if self._writer is None:
                with self.engine.begin() as connection:
                    yield connection
            else:
                with self._writer, self.engine.begin() as connection:
                    _begin_writing(_driver_connection(connection))
                    yield connection

    def share_transaction(self, work: Callable[[Connection], T]) -> T:
        """Commit all that ``work`` does, or nothing, and return what it returns.

        On SQLite it shares the transaction with what other threads bring meanwhile,
        and may be done twice. A PostgreSQL takes them side by side.
        """
        if self._shared is not None:
            return self._shared.run(work)
        with self.transaction() as connection:
            return work(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from one snapshot; takes no write lock."""
        with self._unavailable_when_away(), self.engine.connect() as connection:
            if self.is_sqlite:
                _driver_connection(connection).execute("BEGIN DEFERRED")
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Read all there is as it was at one moment, however long that takes."""
        with self.reading() as connection:
            if not self.is_sqlite:
                query = "set transaction isolation level repeatable read, read only"
                connection.execute(text(query))
                lift_time_limit(connection)
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _unavailable_when_away(self) -> Iterator[None]:
        if self.watch is not None:
            self.watch.admit()
        has_failed = False
        try:
            yield
        except (
            OperationalError,
            InterfaceError,
            PoolTimeoutError,
            # From `_begin_writing`, which goes around SQLAlchemy.
            sqlite3.OperationalError,
        ) as error:
            has_failed = True
            raise DatabaseUnavailableError from error
        except DBAPIError as error:
            if error.connection_invalidated:
                has_failed = True
                raise DatabaseUnavailableError from error
            raise
        finally:
            # Whatever else went wrong inside: the database answered.
            if self.watch is not None:
                (self.watch.failed if has_failed else self.watch.succeeded)()

    def _create_engine(self) -> Engine:
        url = make_url(self.url)
        if url.get_backend_name() != "sqlite":
            pool = self._settings.pool_of(self._role)
            return create_engine(
                url,
                pool_size=pool.kept,
                max_overflow=pool.more,
                pool_timeout=self._settings.database_pool_seconds,
                pool_pre_ping=self._settings.database_pre_ping,
                pool_recycle=self._settings.database_recycle_seconds,
                connect_args=self._told_to_postgresql(url),
            )
        if url.database:
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=10,
            max_overflow=30,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        if url.database not in {None, "", ":memory:"}:
            event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", self._prepare_sqlite)
        return engine

    def _told_to_postgresql(self, url: URL) -> dict[str, object]:
        """Return what the URL leaves open: who we are, and how long all may take."""
        settings = self._settings
        seconds = {
            "statement_timeout": settings.database_statement_seconds,
            "lock_timeout": settings.database_lock_seconds,
            # A client that is frozen in a transaction answers its host's probes, and
            # would keep the locks of its rows from whoever takes its jobs over.
            "idle_in_transaction_session_timeout": (
                settings.database_idle_transaction_seconds
            ),
        }
        kept = {name: round(told * 1000) for name, told in seconds.items()}
        options = [
            f"-c {name}={told}" for name, told in (kept | _KEPT_BY_SERVER).items()
        ]
        asked = url.query.get("options", ())
        # Of two that say the same, the later one holds.
        options += [asked] if isinstance(asked, str) else asked
        who = f"solvequeue {self._role} {settings.host}:{os.getpid()}"
        told = {**_POSTGRESQL, "application_name": who[:MAX_NAME_CHARACTERS]}
        left = {name: each for name, each in told.items() if name not in url.query}
        return {**left, "options": " ".join(options)}

    def _prepare_sqlite(self, connection: Any, _record: object) -> None:
        # We say BEGIN ourselves: the driver's own comes too late for a read that a
        # write follows. Not in a listener to SQLAlchemy's event, which would make
        # every statement look for listeners.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={self._settings.sqlite_synchronous}",
            "foreign_keys=ON",
            f"cache_size=-{PAGE_CACHE_KIB}",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")


def lift_time_limit(connection: Connection) -> None:
    """Let the statements of this transaction take their time."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout"):
            connection.execute(text(f"set local {limit} = 0"))


def _make_private(
    _dialect: object, _record: object, given: list[str], _: object
) -> None:
    """Let a new file be its owner's alone: secrets that sign are in it.

    SQLite makes it by the umask, and its log beside it as the file is.
    """
    file = Path(given[0])
    with suppress(OSError):  # which opening it will tell
        if not file.exists():
            file.touch(mode=0o600)


def _driver_connection(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def _begin_writing(connection: sqlite3.Connection) -> None:
    """Wait for the write lock by asking often: it is held for less than a millisecond.

    SQLite's own waiting sleeps longer each time, up to 100 ms, while the lock is free.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_SECONDS
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > give_up_at:
                    raise
                time.sleep(ASK_AGAIN_SECONDS)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
