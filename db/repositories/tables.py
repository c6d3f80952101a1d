"""How much the database holds: rows by table and bytes, at a cost that has an end.

Rows are counted one by one up to `COUNTED`. What is more is estimated: by PostgreSQL's
own statistics, or by SQLite's numbers of rows, which know nothing of what was deleted
in between.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, literal, select, text

from db.models import Record

COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a table has."""

    count: int
    is_exact: bool


def rows_by_table(connection: Connection) -> dict[str, Rows]:
    """Return how many rows each table has, by its name."""
    tables = sorted(Record.metadata.tables.items())
    counted = {name: _counted(connection, table) for name, table in tables}
    large = [name for name, count in counted.items() if count > COUNTED]
    estimated = _estimated(connection, large) if large else {}
    return {
        name: Rows(max(count, estimated.get(name, 0)), count <= COUNTED)
        for name, count in counted.items()
    }


def size_bytes(connection: Connection) -> int:
    """Return how large the database is; of SQLite without what its journal holds."""
    if connection.dialect.name == "sqlite":
        pages = "select page_count * page_size from pragma_page_count, pragma_page_size"
        return int(connection.execute(text(pages)).scalar_one())
    size = func.pg_database_size(func.current_database())
    return int(connection.execute(select(size)).scalar_one())


def _counted(connection: Connection, table: Table) -> int:
    first = select(literal(1)).select_from(table).limit(COUNTED + 1).subquery()
    return connection.execute(select(func.count()).select_from(first)).scalar_one()


def _estimated(connection: Connection, names: list[str]) -> dict[str, int]:
    if connection.dialect.name != "sqlite":
        known = text(
            "select relname, reltuples from pg_class where relname = any(:names) "
            "and relnamespace = current_schema()::regnamespace"
        )
        rows = connection.execute(known, {"names": names})
        return {row.relname: int(row.reltuples) for row in rows}
    found = {}
    for name in names:
        # The name is one of our own tables'.
        last = text(f'select max(rowid) - min(rowid) + 1 from "{name}"')  # noqa: S608
        found[name] = int(connection.execute(last).scalar_one() or 0)
    return found
