"""How much the database holds: exact where it is little, an estimate where not."""

import pytest
from sqlalchemy import insert, text

from db.engine import Database
from db.models import BeatHour, Record
from db.repositories import tables


def test_every_table_is_counted(database: Database) -> None:
    with database.transaction() as connection:
        before = tables.rows_by_table(connection)
        zero = dict.fromkeys(BeatHour.__table__.columns.keys(), 0)
        for hour in range(3):
            row = zero | {"name": "x", "hour": hour}
            connection.execute(insert(BeatHour).values(row))
        after = tables.rows_by_table(connection)
    assert set(after) == set(Record.metadata.tables)
    assert all(rows.is_exact for rows in after.values())
    assert after["beat_hour"].count == before["beat_hour"].count + 3


def test_a_large_table_is_estimated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "COUNTED", 10)
    zero = dict.fromkeys(BeatHour.__table__.columns.keys(), 0)
    rows = [zero | {"name": "x", "hour": hour} for hour in range(100)]
    with database.transaction() as connection:
        connection.execute(insert(BeatHour), rows)
        if not database.is_sqlite:
            # As its own housekeeping does by and by.
            connection.execute(text("analyze beat_hour"))
        found = tables.rows_by_table(connection)["beat_hour"]
    assert (found.count, found.is_exact) == (100, False)


def test_the_size_is_that_of_the_database(database: Database) -> None:
    with database.reading() as connection:
        assert tables.size_bytes(connection) > 100_000
