"""Who starts beside others waits for the tables, and leaves later ones alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from db.contracts.settings import Settings
from db.engine import Database
from db.schema import (
    ensure_schema,
    known_revisions,
    move_to,
    revisions,
    wait_for_schema,
)

ROOT = Path(__file__).parents[3]
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    opened = Database(Settings(database_url=empty_database_url))
    yield opened
    opened.close()


def waiting(url: str, seconds: float | str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "db.schema", "--wait", str(seconds)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_nothing_is_made_by_waiting(empty: Database) -> None:
    assert not wait_for_schema(empty, seconds=0)
    with empty.reading() as connection:
        assert inspect(connection).get_table_names() == []


def test_tables_of_an_earlier_version_are_not_enough(empty: Database) -> None:
    move_to(empty, known_revisions()[-2])
    assert not wait_for_schema(empty, seconds=0)
    ensure_schema(empty)
    assert wait_for_schema(empty, seconds=0)


def test_tables_of_a_later_version_will_do_and_stay(empty: Database) -> None:
    ensure_schema(empty)
    with empty.transaction() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert wait_for_schema(empty, seconds=0)
    ensure_schema(empty)
    with empty.reading() as connection:
        assert revisions(connection)[0] == "9999"


def test_a_process_waits_until_another_has_migrated(
    empty_database_url: str, empty: Database
) -> None:
    process = waiting(empty_database_url, 120)
    assert process.stderr is not None
    # It has looked, and found nothing.
    assert "not those of this version" in process.stderr.readline()
    assert process.poll() is None
    ensure_schema(empty)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_process_gives_up_where_nobody_answers() -> None:
    process = waiting(NOWHERE, 0)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "does not answer" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "soon"])
def test_only_a_time_can_be_waited(empty: Database, seconds: str) -> None:
    with waiting(empty.url, seconds) as process:
        assert process.wait(timeout=30) == 2
