"""The SQL that the pages for operators show runs, and only reads or does as told."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.engine import Database
from tests.sample_jobs import submit

PAGE = Path(__file__).parents[3] / "docs" / "operations" / "runbooks.md"
BLOCKS = re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text("utf-8"), re.S | re.M)
OF_POSTGRESQL = "-- postgresql\n"


@pytest.mark.parametrize("query", BLOCKS, ids=range(len(BLOCKS)))
def test_a_query_of_the_runbooks_runs(database: Database, query: str) -> None:
    if query.startswith(OF_POSTGRESQL) and database.is_sqlite:
        pytest.skip("of PostgreSQL alone")
    submit(database)
    with database.reading() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET TRANSACTION READ ONLY"))
        found = connection.execute(text(query.strip().rstrip(";"))).mappings().all()
    if "state = 'queued'" in query:
        assert [row["waiting"] for row in found] == [1]


def test_a_query_that_does_not_run_is_noticed(database: Database) -> None:
    with database.reading() as connection, pytest.raises(DBAPIError):
        connection.execute(text("SELECT nothing FROM job"))
