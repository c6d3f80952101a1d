"""Threads that write at once share a transaction, and each has its own outcome."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, event, func, select, text

from db import shared_transactions
from db.contracts.errors import DatabaseUnavailableError
from db.engine import Database
from db.models import Job
from db.repositories import jobs
from tests.sample_jobs import new_job
from tests.waiting import wait_until

Work = Callable[[Connection], str]


class RefusedError(Exception):
    pass


def recording(job_id: str) -> Work:
    def work(connection: Connection) -> str:
        return jobs.insert_job(connection, new_job(id=job_id))[0].id

    return work


def refusing(job_id: str) -> Work:
    def work(connection: Connection) -> str:
        recording(job_id)(connection)
        raise RefusedError(job_id)

    return work


def all_at_once(database: Database, works: list[Work]) -> list[Future[str]]:
    """Bring all works while another writes, so that they wait for it together."""
    shared = database._shared
    assert shared is not None
    with ThreadPoolExecutor(len(works)) as pool, database.transaction():
        futures = [pool.submit(database.share_transaction, work) for work in works]
        wait_until(lambda: len(shared._waiting) == len(works))
    return futures


def recorded(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(select(Job.id)).scalars())


@pytest.fixture
def commits(sqlite: Database) -> list[object]:
    noted: list[object] = []
    event.listen(sqlite.engine, "commit", noted.append)
    return noted


def test_works_that_wait_together_are_one_transaction(
    sqlite: Database, commits: list[object]
) -> None:
    ids = [f"job_{number}" for number in range(5)]
    futures = all_at_once(sqlite, [recording(each) for each in ids])
    assert [future.result() for future in futures] == ids
    assert recorded(sqlite) == set(ids)
    # The other writer's, and theirs.
    assert len(commits) == 2


def test_no_transaction_does_more_than_a_share(
    sqlite: Database, commits: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_transactions, "MOST", 2)
    ids = [f"job_{number}" for number in range(5)]
    futures = all_at_once(sqlite, [recording(each) for each in ids])
    assert [future.result() for future in futures] == ids
    assert len(commits) == 1 + 3


def test_a_work_that_fails_takes_no_other_with_it(sqlite: Database) -> None:
    works = [recording("job_a"), refusing("job_b"), recording("job_c")]
    first, second, third = all_at_once(sqlite, works)
    assert (first.result(), third.result()) == ("job_a", "job_c")
    with pytest.raises(RefusedError, match="job_b"):
        second.result()
    assert recorded(sqlite) == {"job_a", "job_c"}


def test_all_hear_of_a_database_that_is_away(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def broken(_: Connection) -> str:
        nonlocal asked
        asked += 1
        raise DatabaseUnavailableError

    futures = all_at_once(sqlite, [broken, recording("job_b"), broken])
    for future in futures:
        with pytest.raises(DatabaseUnavailableError):
            future.result()
    # Nobody waits for each in turn.
    assert asked == 1
    assert recorded(sqlite) == set()


def test_a_work_alone_is_done_once_and_raises_its_own_error(sqlite: Database) -> None:
    with pytest.raises(RefusedError):
        sqlite.share_transaction(refusing("job_a"))
    assert sqlite.share_transaction(recording("job_b")) == "job_b"
    assert recorded(sqlite) == {"job_b"}


def test_hundreds_of_works_are_all_done_and_none_twice(sqlite: Database) -> None:
    ids = [f"job_{number}" for number in range(300)]
    begun = threading.Barrier(12)

    def bring(some: list[str]) -> list[str]:
        begun.wait()
        return [sqlite.share_transaction(recording(each)) for each in some]

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(bring, [ids[start::12] for start in range(12)]))
    assert sorted(each for some in found for each in some) == sorted(ids)
    with sqlite.reading() as connection:
        assert connection.execute(select(func.count()).select_from(Job)).scalar() == 300


def test_postgresql_takes_works_side_by_side(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    inside = threading.Barrier(2)

    def meeting(connection: Connection) -> str:
        inside.wait(timeout=30)
        return str(connection.execute(text("select 1")).scalar())

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(database.share_transaction, meeting) for _ in "ab"]
    assert [future.result() for future in futures] == ["1", "1"]
