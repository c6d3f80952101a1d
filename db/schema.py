"""Brings the database's tables to what this version needs: `python -m db.schema`."""

import logging
import sys
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


def ensure_schema(database: Database) -> None:
    """Run the migrations that are missing; safe from several processes at once.

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
    found, newest = revisions(connection)
    return found == newest


def alembic_config() -> "Config":
    """Return Alembic's configuration, made in code: there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def main() -> int:
    database = Database(Settings())
    ensure_schema(database)
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
