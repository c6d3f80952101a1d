"""Brings the database's tables to what this version needs: `python -m db.schema`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.contracts.settings import Settings
from db.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x50_4C_56_51


def ensure_schema(database: Database) -> None:
    """Run the migrations that are missing; safe from several processes at once."""
    with database.reading() as connection:
        if _is_current(connection):
            return
    with database.transaction() as connection:
        if not database.is_sqlite:
            # It takes as long as it takes: by the tables' size, or another's migration.
            for limit in ("statement_timeout", "lock_timeout"):
                connection.execute(text(f"set local {limit} = 0"))
            connection.execute(text(f"select pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        if _is_current(connection):
            # Another process was faster, while this one waited for the lock.
            return
        # Imported here: a process that finds a current schema never pays for Alembic.
        from alembic import command

        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revisions(connection: Connection) -> tuple[str | None, str]:
    """Return the migration at which the database is, if any, and the newest known."""
    # Revisions are numbered, and files are named after them.
    newest = max(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    found = None
    if inspect(connection).has_table("alembic_version"):
        query = text("select version_num from alembic_version")
        found = connection.execute(query).scalar()
    return found, newest.partition("_")[0]


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
