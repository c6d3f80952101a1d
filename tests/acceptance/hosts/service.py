"""The whole service on hosts: who runs where, and what is seen of it from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from sqlalchemy import select

from api.stack.child import Child
from api.stack.environment import child_environment
from api.stack.parts import PartName, Plan, describe
from db.contracts.checkpoint import Checkpoint
from db.contracts.settings import Settings
from db.engine import Database
from db.models import Attempt, Job
from db.schema import ensure_schema
from tests.acceptance.hosts.network import SUBNET, Host, Network
from tests.acceptance.hosts.servers import postgresql_on, valkey_on
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
API_PORTS = (8000, 8001)
WORKERS = ("w1", "w2", "w3")
COURIERS = ("api", "w1")
HOSTS = ("db", "redis", "api", *WORKERS, "clients", "receiver")
SLOTS = 2
"""Of each worker."""
START_SECONDS = 240.0
TELL_PLACE = """
import socket
from db import owner
print(owner.place(socket.gethostname()))
"""
ANSWER_SECONDS = 2.0
AHEAD = "w2"
"""The host whose clock is wrong, where Debian's package faketime is installed."""
AHEAD_BY = "+1h"
ITS_OWN = Path(__file__).parent / "clock_ahead"
"""What its interpreters read as they start."""


@dataclass(frozen=True, slots=True)
class Run:
    """An attempt as the database knows it."""

    job_id: str
    number: int
    place: str
    """Of its owner: a host, even if others are called the same."""
    started_at: float
    elapsed_s: float
    """What the job's checkpoint says is done."""


class Service:
    """A running service. What is asked of it here is asked from the clients' host."""

    def __init__(self, network: Network, settings: Settings, urls: list[str]) -> None:
        self.network = network
        self.settings = settings
        self.urls = urls
        """Of the API's processes."""
        self._database = Database(settings)
        self._places: dict[str, str] = {}

    @property
    def hosts(self) -> Mapping[str, Host]:
        return self.network.hosts

    def place(self, host: str) -> str:
        """Return what stands for a host in the owners of attempts."""
        if host not in self._places:
            asked = self.hosts[host].inside([sys.executable, "-c", TELL_PLACE])
            self._places[host] = subprocess.run(
                asked, capture_output=True, text=True, check=True, cwd=ROOT
            ).stdout.strip()
        return self._places[host]

    def running(self, host: str) -> list[Run]:
        """Return the attempts that are recorded as running on a host."""
        place = self.place(host)
        return [
            run for run in self.runs(Attempt.outcome.is_(None)) if run.place == place
        ]

    def runs(self, which: object) -> list[Run]:
        """Return attempts by their start."""
        found = (
            select(Attempt, Job.checkpoint)
            .join(Job, Job.id == Attempt.job_id)
            .where(which)  # type: ignore[arg-type]
            .order_by(Attempt.started_at)
        )
        with self._database.reading() as connection:
            return [
                Run(
                    row.job_id,
                    row.number,
                    row.owner.rsplit(":", 2)[0],
                    row.started_at,
                    _elapsed_s(row.checkpoint),
                )
                for row in connection.execute(found)
            ]

    def seconds_until_work(
        self, *hosts: str, since: float, patience: float
    ) -> dict[str, float]:
        """Wait until each host begins an attempt; return how long after that moment."""
        begun: dict[str, float] = {}

        def have_begun() -> bool:
            for run in reversed(self.runs(Attempt.started_at > since)):
                begun[run.place] = run.started_at - since
            return all(self.place(host) in begun for host in hosts)

        wait_until(have_begun, seconds=patience)
        return {host: begun[self.place(host)] for host in hosts}

    def now(self) -> float:
        """Return the time by the database's clock: that of this machine."""
        return time.time()

    def answers(self, url: str, path: str = "/readyz") -> bool:
        try:
            return httpx2.get(url + path, timeout=ANSWER_SECONDS).is_success
        except httpx2.HTTPError:
            return False

    def close(self) -> None:
        self._database.close()


@contextmanager
def open_service(
    folder: Path, kernels: str, *, called: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Run all of it; this thread is then on the clients' host.

    From one thread: on Linux processes end with the thread that started them.
    """
    # The database's server is another user.
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        network = running.enter_context(
            Network(folder / "hosts", *HOSTS, called=called or {})
        )
        postgresql = running.enter_context(postgresql_on(network.hosts["db"]))
        redis_url = valkey_on(network.hosts["redis"])
        running.enter_context(network.hosts["clients"].entered())
        settings = Settings(
            home=folder / "clients",
            database_url=postgresql.create_database(),
            redis_url=redis_url,
            worker_processes=SLOTS,
            shutdown_seconds=4,
            # All losses are of our making: no job is at fault.
            max_losses=1000,
            warm_everything=False,
            webhook_allow_cidrs=f"{SUBNET}.0/24",
            webhook_timeout_seconds=5.0,
            webhook_backoff_scale=0.01,
            # So much that nobody is refused, and still counted in Redis.
            rate_limits="submit=100000/10000,read=100000/10000",
        )
        database = Database(settings)
        ensure_schema(database)
        database.close()
        _start(network, settings, kernels)
        urls = [f"http://{network.hosts['api'].address}:{port}" for port in API_PORTS]
        service = Service(network, settings, urls)
        running.callback(service.close)
        for url in urls:
            wait_until(lambda url=url: service.answers(url), seconds=START_SECONDS)  # type: ignore[misc]
        yield service


def clock_ahead() -> dict[str, str]:
    """Return what sets a process' time of day forward; nothing where that cannot be."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        return {}
    return {
        "LD_PRELOAD": str(found),
        "FAKETIME": AHEAD_BY,
        # Waits are no time of day.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def _start(network: Network, settings: Settings, kernels: str) -> None:
    for name in ("api", *WORKERS):
        host = network.hosts[name]
        own = settings.model_copy(update={"home": host.folder / "home"})
        environment = child_environment(own, {"NUMBA_CACHE_DIR": kernels})
        if name == AHEAD and (ahead := clock_ahead()):
            paths = [str(ITS_OWN), environment["PYTHONPATH"]]
            environment |= {**ahead, "PYTHONPATH": os.pathsep.join(paths)}
        if name == "api":
            _start_part(host, PartName.BEAT, own, environment)
            for port in API_PORTS:
                _start_api(host, own, environment, port)
        if name in COURIERS:
            _start_part(host, PartName.COURIERS, own, environment)
        if name in WORKERS:
            is_ready = _start_part(host, PartName.SOLVERS, own, environment)
            # One by one: the first compiles what the others find compiled.
            wait_until(is_ready, seconds=START_SECONDS)


def _start_part(
    host: Host, part: PartName, settings: Settings, environment: Mapping[str, str]
) -> Callable[[], bool]:
    """Start it; return what tells whether it takes jobs."""
    plan = Plan(settings, api_port=0, flower_port=0, flower_password="")
    child = host.start(part, describe(part, plan).command, environment)
    return lambda: _is_ready(child, plan.ready_file(part))


def _start_api(
    host: Host, settings: Settings, environment: Mapping[str, str], port: int
) -> None:
    plan = Plan(settings, api_port=port, flower_port=0, flower_password="")
    # By the command alone: nobody but these hosts can reach it, keys or no keys.
    command = [
        f"--host={host.address}" if each.startswith("--host=") else each
        for each in describe(PartName.API, plan).command
    ]
    host.start(f"api-{port}", command, environment)


def _is_ready(child: Child, note: Path) -> bool:
    assert child.is_alive(), child.log_tail()
    return note.exists()


def _elapsed_s(checkpoint: str | None) -> float:
    return 0.0 if checkpoint is None else Checkpoint.parse(checkpoint).elapsed_s
