"""The role that runs the service can do all of its work, and nothing to its tables."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from db.acceptance import accept
from db.contracts.errors import DatabaseUnavailableError
from db.contracts.identifier import new_id
from db.contracts.kinds import KINDS
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.models import Record
from db.reconciler import Reconciler
from db.repositories import alert_rules, jobs
from db.schema import ensure_schema, known_revisions, move_to, revisions
from schedules.retention import forget
from tests.conftest import OpenBackplane
from tests.integration.worker.test_families import HOOK, solve
from tests.sample_jobs import row
from tests.servers.postgresql import PostgreSQL
from worker.attempt import run_attempt

ROLES = Path(__file__).parents[3] / "deploy" / "postgresql" / "roles.sql"
REFUSED = "permission denied|must be owner|must be superuser"


@pytest.fixture
def run_url(postgresql: PostgreSQL) -> Iterator[str]:
    """Return the URL of a database that its owner has migrated, for the other role."""
    url = make_url(postgresql.create_database())
    sql = ROLES.read_text(encoding="utf-8")
    sql = re.sub(r"(?<=DATABASE )solvequeue\b", f'"{url.database}"', sql)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.encode())
        owner = Database(
            Settings(database_url=str(url.set(username="solvequeue_owner")))
        )
        ensure_schema(owner)
        owner.close()
        yield str(url.set(username="solvequeue_run"))
        for role in ("solvequeue_owner", "solvequeue_run"):
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())


def test_a_job_runs_to_its_end_and_is_kept_house_of(
    run_url: str, open_backplane: OpenBackplane, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=run_url, redis_url=valkey.redis_url)
    ensure_schema(backplane.database)
    job = jobs.describe(KINDS["solve"], solve(), job_id=new_id("job"))
    with backplane.database.transaction() as connection:
        accept(connection, job, webhook=HOOK)
    run_attempt(backplane, job.id)
    Reconciler(backplane).send_hints()
    assert row(backplane.database, job.id).state == "succeeded"
    with backplane.database.transaction() as connection:
        alert_rules.ensure_usual(connection)
        assert alert_rules.has_usual(connection)
    forget(backplane)


def test_it_may_read_and_write_every_table(run_url: str) -> None:
    database = Database(Settings(database_url=run_url))
    with database.transaction() as connection:
        for name in Record.metadata.tables:
            connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1'))
            connection.execute(text(f'DELETE FROM "{name}"'))
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (x integer)",
        "ALTER TABLE job ADD COLUMN mine integer",
        "DROP TABLE attempt",
        "TRUNCATE event",
        "CREATE INDEX mine ON job (id)",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "COPY job TO PROGRAM 'cat'",
    ],
)
def test_it_may_alter_nothing(run_url: str, statement: str) -> None:
    database = Database(Settings(database_url=run_url))
    with (
        pytest.raises(
            ProgrammingError, match=r"permission denied|must be owner|must be superuser"
        ),
        database.transaction() as connection,
    ):
        connection.execute(text(statement))
    database.close()


def test_tables_of_an_earlier_version_are_told_and_not_touched(
    run_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    owner = Database(Settings(database_url=run_url.replace("_run@", "_owner@")))
    earlier = known_revisions()[-2]
    move_to(owner, earlier)
    database = Database(Settings(database_url=run_url))
    with pytest.raises(DatabaseUnavailableError):
        ensure_schema(database)
    assert "as their owner" in caplog.text
    with database.reading() as connection:
        assert revisions(connection)[0] == earlier
    ensure_schema(owner)
    ensure_schema(database)
    owner.close()
    database.close()
