"""The record's rows, out of a database and into one."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text

from db.backup.archive import BackupError, Manifest, Reader, writing
from db.contracts.settings import Settings
from db.contracts.version import VERSION
from db.engine import Database, lift_time_limit
from db.presence import Presence
from db.redis_client import connect
from db.schema import migrate, revisions
from db.stream import unavailable_when_away

PAGE = 500
REVISIONS = "alembic_version"
KEYS = "solvequeue:*"

T = TypeVar("T")


def back_up(settings: Settings, path: Path) -> Manifest:
    """Write the record into a file, from one snapshot; the service may go on.

    Raises BackupError and DatabaseUnavailableError.
    """
    database = Database(settings)
    try:
        with database.snapshot() as connection, writing(path) as writer:
            revision, _ = revisions(connection)
            if revision is None:
                raise BackupError("the database has no tables: nothing to back up")
            for table in _tables(connection):
                writer.add(table.name, table.columns.keys(), _rows(connection, table))
            manifest = Manifest(
                format=1,
                made_at=datetime.now(UTC),
                version=VERSION,
                database=connection.dialect.name,
                revision=revision,
                tables=writer.tables,
            )
            writer.finish(manifest)
    finally:
        database.close()
    return manifest


def restore(settings: Settings, path: Path, *, replace: bool = False) -> Manifest:
    """Put a backup's rows into the database, and bring them to what this version needs.

    All or nothing. Nobody may work with the database meanwhile. What the event server
    holds is of another history, and is forgotten.

    Raises BackupError, DatabaseUnavailableError and StreamUnavailableError.
    """
    with Reader(path) as backup:
        backup.verify()
        refuse_while_in_use(settings)
        database = Database(settings)
        try:
            with database.transaction() as connection:
                lift_time_limit(connection)
                _refuse_unknown(connection, backup.manifest)
                _clear(connection, replace=replace)
                _fill(connection, backup)
        finally:
            database.close()
        _forget_events(settings)
        return backup.manifest


def _tables(connection: Connection) -> Sequence[Table]:
    """Return the tables there are, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != REVISIONS]


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    answer = connection.execution_options(yield_per=PAGE).execute(select(table))
    return (tuple(row) for row in answer)


def refuse_while_in_use(settings: Settings) -> None:
    """Raise BackupError while workers work with the database."""
    if not (settings.redis_url or settings.redis_host):
        # The stack at home has a lock, and its Valkey is down with it.
        return
    presence = Presence(settings)
    try:
        working = presence.workers()
    finally:
        presence.close()
    if working:
        names = ", ".join(sorted(worker.name for worker in working))
        raise BackupError(f"workers are there ({names}): stop the service first")


def _refuse_unknown(connection: Connection, manifest: Manifest) -> None:
    _, newest = revisions(connection)
    if manifest.revision > newest:
        raise BackupError(
            f"the backup is at migration {manifest.revision} and this version knows "
            f"none after {newest}: install version {manifest.version}"
        )


def _clear(connection: Connection, *, replace: bool) -> None:
    tables = _tables(connection)
    jobs = [table for table in tables if table.name == "job"]
    if jobs and not replace:
        count = connection.execute(select(func.count()).select_from(jobs[0]))
        if held := count.scalar_one():
            raise BackupError(
                f"the database holds {held} jobs: give another one, or --replace"
            )
    for table in reversed(tables):
        table.drop(connection)
    if inspect(connection).has_table(REVISIONS):
        connection.execute(text(f"drop table {REVISIONS}"))


def _fill(connection: Connection, backup: Reader) -> None:
    migrate(connection, backup.manifest.revision)
    tables = {table.name: table for table in _tables(connection)}
    told = backup.manifest.tables
    if tables.keys() != told.keys():
        odd = ", ".join(sorted(tables.keys() ^ told.keys()))
        raise BackupError(f"the backup's tables are not its migration's: {odd}")
    # What migrations put there by themselves is among what is restored.
    for table in reversed(tables.values()):
        connection.execute(table.delete())
    for table in tables.values():
        for rows in _pages(backup.rows(table.name)):
            connection.execute(table.insert(), rows)
    migrate(connection, "head")


def _forget_events(settings: Settings) -> None:
    """Let the event server begin a new epoch: its logs may be ahead of the record."""
    if not (settings.redis_url or settings.redis_host):
        shutil.rmtree(settings.home / "valkey", ignore_errors=True)
        return
    client = connect(settings)
    try:
        with unavailable_when_away():
            for keys in _pages(client.scan_iter(KEYS, count=PAGE)):
                client.unlink(*keys)
    finally:
        client.close()


def _pages(items: Iterator[T]) -> Iterator[list[T]]:
    while page := list(islice(items, PAGE)):
        yield page
