"""Transactions: all or nothing, in turn, and one error when the database is away."""

import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from db.contracts.errors import DatabaseUnavailableError
from db.contracts.settings import Settings
from db.engine import Database
from db.repositories import jobs
from tests.conftest import Switch
from tests.sample_jobs import new_job, row, submit
from tests.waiting import wait_until


def test_the_clock_is_one_of_seconds_since_1970(database: Database) -> None:
    with database.reading() as connection:
        first = jobs.database_time(connection)
        second = jobs.database_time(connection)
    assert 1.7e9 < first <= second < first + 60.0


def test_nothing_of_a_broken_transaction_stays(database: Database) -> None:
    job = new_job()

    def insert_and_break() -> None:
        with database.transaction() as connection:
            jobs.insert_job(connection, job)
            jobs.insert_job(connection, job)

    with pytest.raises(ValueError, match=job.id):
        insert_and_break()
    assert submit(database, id=job.id) == job.id


def test_a_reader_sees_nothing_of_an_open_transaction(database: Database) -> None:
    with database.transaction() as connection:
        jobs.insert_job(connection, new_job())
        with database.reading() as reader:
            assert jobs.count_by_state(reader)["queued"] == 0


def test_two_writers_take_turns(database: Database) -> None:
    seen: list[int] = []

    def write() -> None:
        with database.transaction() as connection:
            seen.append(jobs.count_by_state(connection)["queued"])
            jobs.insert_job(connection, new_job())

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    with database.reading() as connection:
        assert jobs.count_by_state(connection)["queued"] == 8
    if database.is_sqlite:
        assert sorted(seen) == list(range(8))


def test_two_processes_worth_of_writers_wait_for_each_other(
    database: Database, database_url: str
) -> None:
    other = Database(Settings(database_url=database_url))
    try:
        thread = threading.Thread(target=submit, args=(other,))
        with database.transaction() as connection:
            jobs.insert_job(connection, new_job())
            thread.start()
        thread.join()
        with database.reading() as connection:
            assert jobs.count_by_state(connection)["queued"] == 2
    finally:
        other.close()


def test_a_server_that_is_not_there_is_unavailable(postgresql_url: str) -> None:
    nowhere = postgresql_url.replace("solvequeue-pg-", "solvequeue-no-")
    database = Database(Settings(database_url=nowhere))
    with pytest.raises(DatabaseUnavailableError):
        submit(database)
    database.close()


def test_a_server_that_went_away_is_unavailable_until_it_is_back(
    switch: Switch,
) -> None:
    database = Database(Settings(database_url=switch.url))
    job_id = submit(database)
    switch.off()
    with pytest.raises(DatabaseUnavailableError):
        submit(database)
    with pytest.raises(DatabaseUnavailableError):
        row(database, job_id)
    switch.on()
    assert row(database, job_id).id == job_id
    database.close()


def test_a_server_that_goes_away_in_a_transaction_is_unavailable(
    switch: Switch,
) -> None:
    database = Database(Settings(database_url=switch.url))

    def insert_into_a_lost_server() -> None:
        with database.transaction() as connection:
            jobs.insert_job(connection, new_job())
            switch.off()

    with pytest.raises(DatabaseUnavailableError):
        insert_into_a_lost_server()
    switch.on()
    with database.reading() as connection:
        assert jobs.count_by_state(connection)["queued"] == 0
    database.close()


def test_a_locked_file_is_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.engine.BUSY_TIMEOUT_SECONDS", 0)
    one, other = (Database(Settings(database_url=sqlite_url)) for _ in range(2))
    with one.transaction() as connection:
        jobs.database_time(connection)
        with pytest.raises(DatabaseUnavailableError):
            submit(other)
    submit(other)
    one.close()
    other.close()


def test_a_pool_without_a_free_connection_is_unavailable(sqlite: Database) -> None:
    pool = sqlite.engine.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0
    taken = [sqlite.engine.connect() for _ in range(40)]
    try:
        with pytest.raises(DatabaseUnavailableError):
            submit(sqlite)
    finally:
        for connection in taken:
            connection.close()
    submit(sqlite)


def test_an_error_of_the_program_is_not_called_unavailable(database: Database) -> None:
    with pytest.raises(IntegrityError):
        submit(database, kind=None)


def test_sqlite_keeps_its_promises(sqlite: Database) -> None:
    with sqlite.reading() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}


def test_a_reader_of_sqlite_bars_no_writer(sqlite: Database) -> None:
    with sqlite.reading() as connection:
        jobs.count_by_state(connection)
        thread = threading.Thread(target=submit, args=(sqlite,))
        thread.start()
        wait_until(lambda: not thread.is_alive())
        # One snapshot, whatever others write meanwhile.
        assert jobs.count_by_state(connection)["queued"] == 0
    thread.join()


def test_postgresql_lets_go_of_clients_that_fall_silent(postgresql_url: str) -> None:
    database = Database(Settings(database_url=postgresql_url))
    names = ("statement_timeout", "idle_in_transaction_session_timeout")
    with database.reading() as connection:
        told = [connection.execute(text(f"show {name}")).scalar_one() for name in names]
    database.close()
    assert told == ["20s", "15s"]


def test_a_new_file_and_its_log_are_their_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    before = os.umask(0o022)
    try:
        database = Database(Settings(database_url=f"sqlite:///{file}"))
        assert not file.exists()
        with database.transaction() as connection:
            connection.execute(text("CREATE TABLE t (x INTEGER)"))
            made = [file, *tmp_path.glob("new.db-*")]
            assert len(made) > 1
            assert {each.stat().st_mode & 0o777 for each in made} == {0o600}
        database.close()
    finally:
        os.umask(before)


def test_a_file_that_was_opened_to_others_stays_so(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    file.touch()
    file.chmod(0o660)
    database = Database(Settings(database_url=f"sqlite:///{file}"))
    with database.reading() as connection:
        connection.execute(text("SELECT 1"))
    database.close()
    assert file.stat().st_mode & 0o777 == 0o660
