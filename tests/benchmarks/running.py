"""The whole service for a benchmark: one Valkey, an API, two solver processes.

With SQLite as it is set by default, or with a PostgreSQL that syncs what it commits.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL

ROOT = Path(__file__).parents[2]
SOLVER_QUEUES = "interactive,standard,bulk"
COURIER_QUEUES = "webhooks,schedules"
DatabaseName = Literal["sqlite", "postgresql"]
AS_INSTALLED = {"fsync": "on", "full_page_writes": "on"}
"""What the tests' PostgreSQL leaves out, and a crash of the machine would need."""


@dataclass(frozen=True)
class Running:
    """Where the service listens, and with what it works."""

    home: Path
    port: int
    redis_url: str
    broker_url: str
    database_url: str = ""
    """Empty: SQLite at home."""

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            redis_url=self.redis_url,
            broker_url=self.broker_url,
            database_url=self.database_url,
        )


@contextmanager
def service(
    *beside: Sequence[str], database: DatabaseName = "sqlite"
) -> Iterator[Running]:
    """Run it, and other commands beside it, until the block ends."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        valkey = stack.enter_context(EmbeddedValkey(home / "valkey"))
        database_url = ""
        if database == "postgresql":
            server = stack.enter_context(PostgreSQL(settings=AS_INSTALLED))
            database_url = server.create_database()
        port = free_port()
        environment = {
            **os.environ,
            "SOLVEQUEUE_HOME": str(home),
            "SOLVEQUEUE_LOG_LEVEL": "WARNING",
            "SOLVEQUEUE_RATE_LIMITS": "off",
            "NUMBA_CACHE_DIR": str(ROOT / ".solvequeue" / "kernels"),
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey.redis_url,
            "BROKER_URL": valkey.broker_url,
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run(
            [sys.executable, "-m", "db.schema"], env=environment, cwd=ROOT, check=True
        )
        for command in (
            *beside,
            worker("worker.app", SOLVER_QUEUES, name="solvers"),
            # Leads batches on, as in the stack: never in a solver's place.
            worker("worker.app", COURIER_QUEUES, name="couriers"),
            api("api.main:create_app", port),
        ):
            stack.enter_context(_process(*command, environment=environment))
        yield Running(home, port, valkey.redis_url, valkey.broker_url, database_url)


def worker(app: str, queues: str, *, name: str) -> list[str]:
    """Return the command of a Celery worker with two processes."""
    command = ["-m", "celery", "-A", app, "worker", "-Q", queues, "-c", "2"]
    return [*command, "-n", f"{name}@%h", "--without-gossip", "--without-mingle"]


def api(
    factory: str, port: int, *, ws: str = "api.relay.frame_protocol:FrameProtocol"
) -> list[str]:
    """Return the command of one process that answers HTTP."""
    command = ["-m", "uvicorn", "--factory", factory, "--ws", ws]
    return [*command, "--port", str(port), "--no-access-log"]


@contextmanager
def _process(*command: str, environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            yield
        finally:
            child.terminate()
