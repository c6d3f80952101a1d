"""The schema: made from nothing, made once, and the one that the models describe."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from db.contracts.settings import Settings
from db.engine import Database
from db.models import Record
from db.schema import alembic_config, ensure_schema

ROOT = Path(__file__).parents[3]


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    opened = Database(Settings(database_url=empty_database_url))
    yield opened
    opened.close()


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def run(database: Database, change: Callable[..., None], revision: str) -> None:
    with database.transaction() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        change(config, revision)


def test_the_migrations_make_every_table(empty: Database) -> None:
    ensure_schema(empty)
    assert tables(empty) - {"alembic_version"} == set(Record.metadata.tables)


def test_a_second_run_changes_nothing(empty: Database) -> None:
    ensure_schema(empty)
    ensure_schema(empty)
    assert tables(empty) - {"alembic_version"} == set(Record.metadata.tables)


def test_the_migrations_make_what_the_models_describe(empty: Database) -> None:
    ensure_schema(empty)
    with empty.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Record.metadata) == []


def test_the_way_back_leads_to_nothing(empty: Database) -> None:
    ensure_schema(empty)
    run(empty, command.downgrade, "base")
    assert tables(empty) <= {"alembic_version"}
    ensure_schema(empty)
    assert tables(empty) - {"alembic_version"} == set(Record.metadata.tables)


def test_what_is_owed_to_webhooks_survives_a_migration_and_the_way_back(
    empty: Database,
) -> None:
    run(empty, command.upgrade, "0009")
    owed = {
        "job": "id, kind, queue, state, request, attempt, losses, failures, "
        "lease_until, available_at, milestones, archived, created_at, caller, "
        "priority_s, order_at, held, leads) values ('job_1', 'solve', 'bulk', "
        "'succeeded', '{}', 1, 0, 0, 0, 0, 3, false, 1, '', 0, 0, false, false",
        "event": "job_id, ordinal, attempt, type, time, data, terminal) values "
        "('job_1', 3, 1, 'job.succeeded', 1, '{}', true",
        "endpoint": "id, job_id, url, secret, created_at) values "
        "('ep_1', 'job_1', 'https://a.example', 'whsec_x', 5",
        "delivery": "id, job_id, ordinal, endpoint_id, state, tries, "
        "next_attempt_at, hinted_until, lease_until, created_at) values "
        "('msg_1', 'job_1', 3, 'ep_1', 'pending', 1, 2, 0, 0, 1",
        "delivery_attempt": "delivery_id, number, started_at, duration_ms, "
        "status_code) values ('msg_1', 1, 1, 2, 500",
    }
    with empty.transaction() as connection:
        for table, values in owed.items():
            connection.execute(text(f"insert into {table} ({values})"))

    def found(columns: str, table: str) -> tuple[object, ...]:
        with empty.reading() as connection:
            query = text(f"select {columns} from {table}")
            return tuple(connection.execute(query).one())

    run(empty, command.upgrade, "0010")
    columns = "id, event_type, state, mode, tries, tries_before"
    told = ("msg_1", "job.succeeded", "pending", "push", 1, 0)
    assert found(columns, "delivery") == told
    made = ("msg_1", 500, "schedule")
    columns = "delivery_id, status_code, trigger"
    assert found(columns, "delivery_attempt") == made
    columns = "receiver, state, payload, updated_at"
    assert found(columns, "endpoint") == ("ep_1", "active", "full", 5)
    run(empty, command.downgrade, "0009")
    assert found("id, tries", "delivery") == ("msg_1", 1)
    assert found("status_code", "delivery_attempt") == (500,)


def test_what_succeeded_before_there_were_prices_is_charged(empty: Database) -> None:
    run(empty, command.upgrade, "0019")
    columns = (
        "id, kind, queue, state, request, attempt, losses, failures, lease_until, "
        "available_at, milestones, archived, created_at, caller, priority_s, "
        "order_at, held, leads, finished_at, elapsed_s, cached_from, children"
    )
    ended = {
        "job_1": "'succeeded', 5, 1.5, null, null",
        "job_2": "'succeeded', 6, 1.5, 'job_1', null",
        "job_3": "'succeeded', 7, 9.0, null, 2",
        "job_4": "'failed', 8, 3.0, null, null",
    }
    with empty.transaction() as connection:
        for job_id, (state, rest) in {
            name: told.split(", ", 1) for name, told in ended.items()
        }.items():
            connection.execute(
                text(
                    f"insert into job ({columns}) values ('{job_id}', 'solve', 'bulk', "
                    f"{state}, '{{}}', 1, 0, 0, 0, 0, 3, false, 1, 'key:a', 0, 0, "
                    f"false, false, {rest})"
                )
            )
    run(empty, command.upgrade, "0020")
    with empty.reading() as connection:
        query = text("select job_id, ended_at, cpu_s from charge order by job_id")
        found = [tuple(row) for row in connection.execute(query)]
    assert found == [("job_1", 5, 1.5), ("job_2", 6, 0), ("job_3", 7, 0)]


def test_a_broken_migration_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade_and_break(*arguments: object, **options: object) -> None:
        upgrade(*arguments, **options)
        raise RuntimeError("in the middle")

    upgrade: Callable[..., None] = command.upgrade
    monkeypatch.setattr(command, "upgrade", upgrade_and_break)
    with pytest.raises(RuntimeError, match="in the middle"):
        ensure_schema(empty)
    assert tables(empty) == set()


def test_threads_may_migrate_at_once(empty_database_url: str, empty: Database) -> None:
    together = threading.Barrier(3)
    faults: list[BaseException] = []

    def migrate() -> None:
        database = Database(Settings(database_url=empty_database_url))
        together.wait(30)
        try:
            ensure_schema(database)
        except BaseException as error:
            faults.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert tables(empty) - {"alembic_version"} == set(Record.metadata.tables)


def test_processes_may_migrate_at_once(
    empty_database_url: str, empty: Database
) -> None:
    environment = {"DATABASE_URL": empty_database_url}
    processes = [
        subprocess.Popen([sys.executable, "-m", "db.schema"], cwd=ROOT, env=environment)
        for _ in range(2)
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert tables(empty) - {"alembic_version"} == set(Record.metadata.tables)
