"""A line that is cut says nothing: whoever waits at its ends has to give up by himself.

Two hosts beside PostgreSQL and Valkey, in namespaces; no service runs.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from db.broker import Broker
from db.contracts.errors import (
    DatabaseUnavailableError,
    ServiceError,
    StreamUnavailableError,
)
from db.contracts.settings import Settings
from db.engine import CONNECT_TIMEOUT_SECONDS, SILENCE_SECONDS, Database
from db.stream import Stream
from tests.acceptance.hosts.network import Network, why_no_hosts
from tests.acceptance.hosts.servers import postgresql_on, valkey_on
from tests.servers.postgresql import find_binaries
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
SLACK_SECONDS = 4.0
"""Timers of a kernel are coarse, and the machine has other work."""
GONE_SECONDS = SILENCE_SECONDS + SLACK_SECONDS

pytestmark = pytest.mark.alone


@dataclass(frozen=True)
class Site:
    network: Network
    settings: Settings

    def database(self, host: str) -> Database:
        """Return a database that is connected from a host."""
        with self.network.hosts[host].entered():
            database = Database(self.settings)
            with database.reading() as connection:
                connection.execute(text("select 1"))
        return database


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    lacking = why_no_hosts() or ("" if find_binaries() else "no PostgreSQL")
    if lacking:
        pytest.skip(f"NOT TESTED ON SEVERAL HOSTS: {lacking}")
    folder = tmp_path_factory.mktemp("silent")
    names = ("db", "redis", "w1", "w2")
    with (
        Network(folder, *names, called={"w2": "w1"}) as network,
        postgresql_on(network.hosts["db"]) as postgresql,
    ):
        settings = Settings(
            database_url=postgresql.create_database(),
            redis_url=valkey_on(network.hosts["redis"]),
            home=folder / "home",
        )
        yield Site(network, settings)


def seconds_of(call: Callable[[], object]) -> float:
    since = time.monotonic()
    call()
    return time.monotonic() - since


def seconds_to_fail(call: Callable[[], object], error: type[ServiceError]) -> float:
    def fail() -> None:
        with pytest.raises(error):
            call()

    return seconds_of(fail)


def test_a_statement_under_way_ends_when_the_line_is_cut(site: Site) -> None:
    database = site.database("w1")
    under_way = threading.Event()

    def wait_long() -> None:
        with database.reading() as connection:
            under_way.set()
            connection.execute(text("select pg_sleep(15)"))

    with ThreadPoolExecutor() as pool:
        taken = pool.submit(seconds_to_fail, wait_long, DatabaseUnavailableError)
        assert under_way.wait(SLACK_SECONDS)
        with site.network.away("w1"):
            assert taken.result() < GONE_SECONDS
    with site.network.hosts["w1"].entered(), database.reading() as connection:
        assert connection.execute(text("select 1")).scalar() == 1
    database.close()


def test_what_a_host_has_locked_is_free_before_its_leases_run_out(site: Site) -> None:
    """Else nobody could take its jobs over: that writes the same rows."""
    ours, other = site.database("w1"), site.database("w2")
    with other.transaction() as connection:
        connection.execute(text("create table kept (n integer)"))
        connection.execute(text("insert into kept values (1)"))

    def overwrite() -> None:
        with other.transaction() as connection:
            connection.execute(text("update kept set n = 3"))

    def write_too_late() -> None:
        with ours.transaction() as connection:
            connection.execute(text("update kept set n = 2"))
            with site.network.away("w1"):
                taken.append(seconds_of(overwrite))
            # Back, and what it had begun is gone.
            connection.execute(text("update kept set n = 2"))

    taken: list[float] = []
    seconds_to_fail(write_too_late, DatabaseUnavailableError)
    assert taken[0] < GONE_SECONDS < site.settings.lease_seconds
    with other.reading() as connection:
        assert connection.execute(text("select n from kept")).scalar() == 3
    ours.close()
    other.close()


def test_a_database_that_is_cut_off_is_not_waited_for(site: Site) -> None:
    database = site.database("w1")

    def read() -> None:
        with database.reading() as connection:
            connection.execute(text("select 1"))

    with site.network.hosts["w1"].entered(), site.network.away("db"):
        # The connections at hand are found to be dead, and no new one comes.
        longest = GONE_SECONDS + CONNECT_TIMEOUT_SECONDS
        assert seconds_to_fail(read, DatabaseUnavailableError) < longest
        assert seconds_to_fail(read, DatabaseUnavailableError) < (
            CONNECT_TIMEOUT_SECONDS + SLACK_SECONDS
        )
    database.close()


def test_redis_that_is_cut_off_is_not_waited_for(site: Site) -> None:
    with site.network.hosts["w1"].entered():
        stream, broker = Stream(site.settings), Broker(site.settings)
        stream.ping()
        assert broker.send("worker.solve", "job_1", "standard")

        def send() -> None:
            assert not broker.send("worker.solve", "job_2", "standard")

        with site.network.away("redis"):
            # Once on the connection at hand and once on a new one.
            patience = 2 * site.settings.redis_timeout_seconds + SLACK_SECONDS
            assert seconds_to_fail(stream.ping, StreamUnavailableError) < patience
            assert seconds_of(send) < patience
        stream.ping()
        wait_until(lambda: broker.send("worker.solve", "job_3", "standard"))
    stream.close()
    broker.close()


def test_of_hosts_with_one_name_neither_takes_the_others_processes_for_dead(
    site: Site,
) -> None:
    tell = "from db import owner; print(owner.this_process('w1'), flush=True)"
    ask = (
        "import sys; from db import owner; "
        "print(owner.is_known_dead(sys.argv[1], 'w1'))"
    )
    first, second = (site.network.hosts[name] for name in ("w1", "w2"))

    def run(host_command: list[str]) -> str:
        return subprocess.run(
            host_command, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()

    dead = run(first.inside([sys.executable, "-c", tell]))
    assert run(first.inside([sys.executable, "-c", ask, dead])) == "True"
    # Of its own number it may have a process, or none: that says nothing.
    assert run(second.inside([sys.executable, "-c", ask, dead])) == "False"
