"""Brings the database's tables to what this version needs: `python -m db.schema`.

With ``--wait 600`` it alters nothing, and waits until somebody else has done so.
"""

import argparse
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from db.contracts.errors import DatabaseUnavailableError
from db.contracts.settings import Settings
from db.engine import Database, lift_time_limit

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x50_4C_56_51
NOT_ALLOWED = "42501"
"""PostgreSQL's code for what a user has no right to."""
LOOK_AGAIN_SECONDS = 2.0


def ensure_schema(database: Database) -> None:
    """Run the migrations that are missing; safe from several processes at once.

    Tables that a later version has migrated stay as they are: while it is rolled out a
    process of this one may have to start again.

    Raises DatabaseUnavailableError where the user may not alter the tables.
    """
    with database.reading() as connection:
        if _is_current(connection):
            return
    try:
        with database.transaction() as connection:
            if not database.is_sqlite:
                # By the tables' size, or another's migration: as long as it takes.
                lift_time_limit(connection)
                lock = text(f"select pg_advisory_xact_lock({_ADVISORY_LOCK})")
                connection.execute(lock)
            if _is_current(connection):
                # Another process was faster, while this one waited for the lock.
                return
            migrate(connection, "head")
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        # It may run the service and not alter its tables: their owner has to.
        logger.exception(
            "the tables are not those of this version, and this user may not alter "
            "them: run `python -m db.schema` as their owner",
            extra={"action": "schema_outdated"},
        )
        raise DatabaseUnavailableError from error


def wait_for_schema(database: Database, *, seconds: float) -> bool:
    """Return whether the tables became those of this version, or a later one's."""
    until = time.monotonic() + seconds
    while not _is_there(database):
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_AGAIN_SECONDS)
    return True


def _is_there(database: Database) -> bool:
    try:
        with database.reading() as connection:
            found, newest = revisions(connection)
    except DatabaseUnavailableError as error:
        logger.warning(
            "the database does not answer",
            extra={"action": "schema_awaited", "fault": str(error.__cause__)},
        )
        return False
    if _suffices(found, newest):
        return True
    logger.warning(
        "the tables are not those of this version yet",
        extra={"action": "schema_awaited", "found": found, "newest": newest},
    )
    return False


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a migration, forwards or back, or to ``head``."""
    # Imported here: a process that finds a current schema never pays for Alembic.
    from alembic import command

    found, newest = revisions(connection)
    config = alembic_config()
    config.attributes["connection"] = connection
    wanted = newest if revision == "head" else revision
    step = (
        command.downgrade if found is not None and wanted < found else command.upgrade
    )
    step(config, revision)


def move_to(database: Database, revision: str) -> str | None:
    """Migrate to a revision, forwards or back; return where the database is then."""
    with database.transaction() as connection:
        lift_time_limit(connection)
        migrate(connection, revision)
        return revisions(connection)[0]


def known_revisions() -> list[str]:
    """Return the migrations that this version knows, in order."""
    # Revisions are numbered, and files are named after them.
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return sorted(path.stem.partition("_")[0] for path in files)


def revisions(connection: Connection) -> tuple[str | None, str]:
    """Return the migration at which the database is, if any, and the newest known."""
    found = None
    if inspect(connection).has_table("alembic_version"):
        query = text("select version_num from alembic_version")
        found = connection.execute(query).scalar()
    return found, known_revisions()[-1]


def _is_current(connection: Connection) -> bool:
    return _suffices(*revisions(connection))


def _suffices(found: str | None, newest: str) -> bool:
    # Revisions are numbers of four digits: a later version's are greater.
    return found is not None and found >= newest


def alembic_config() -> "Config":
    """Return Alembic's configuration, made in code: there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 2**31:
        raise argparse.ArgumentTypeError(f"{text} is no time to wait")
    return seconds


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m db.schema", description=__doc__)
    options.add_argument("--wait", type=_seconds, metavar="SECONDS")
    seconds = options.parse_args().wait
    database = Database(Settings())
    try:
        if seconds is not None:
            return 0 if wait_for_schema(database, seconds=seconds) else 1
        ensure_schema(database)
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
