"""A stack to be measured: how much of the processor each of its parts has used."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import redis
from sqlalchemy import func, select, text

from api.stack import PartName, Stack
from db.contracts.settings import Settings
from db.engine import Database
from db.models import Job
from tests.servers.postgresql import PostgreSQL

ROOT = Path(__file__).parents[3]
PARTS = (PartName.VALKEY, PartName.SOLVERS, PartName.COURIERS, PartName.API)
POSTGRESQL = "postgresql"
PATIENCE_SECONDS = 600.0
LOOK_SECONDS = 0.5
KEPT_SECONDS = 4.0


@dataclass(frozen=True)
class Stage:
    """The stack with clients of it and of its servers."""

    stack: Stack
    http: httpx2.Client
    database: Database
    valkey: redis.Redis
    server: PostgreSQL | None

    def cpu_seconds(self) -> dict[str, float]:
        """Return the processor time that each part has used so far."""
        used = {
            part.value: _cpu_of_tree(handle.pid)
            for part, handle in self.stack.handles.items()
            if handle.pid is not None
        }
        if self.server is not None:
            assert self.server._process is not None
            used[POSTGRESQL] = _cpu_of_tree(self.server._process.pid)
        return used

    def ended(self) -> int:
        """Return how many jobs have ended, from the record: no part is asked."""
        query = select(func.count()).where(Job.finished_at.is_not(None))
        with self.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def wait_for_ended(self, count: int) -> None:
        """Look seldom: whoever asks all the time is a load of its own."""
        end, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
        while self.ended() < count:
            assert time.monotonic() < end, f"{count} jobs have not ended"
            pause.wait(LOOK_SECONDS)

    def database_bytes(self) -> float:
        """Return what the data takes, without what is written ahead of it."""
        query = (
            "select page_count * page_size from pragma_page_count(), pragma_page_size()"
            if self.database.is_sqlite
            else "select pg_database_size(current_database())"
        )
        with self.database.reading() as connection:
            return float(connection.execute(text(query)).scalar_one())

    def valkey_bytes(self) -> float:
        info: Any = self.valkey.info("memory")
        return float(info["used_memory"])


@contextmanager
def stage(
    folder: Path, *, processes: int, server: PostgreSQL | None, **settings: Any
) -> Iterator[Stage]:
    """Run the stack with so many solver processes; all of it ends with the block."""
    with ExitStack() as running:
        given = Settings(
            home=folder,
            database_url=server.create_database() if server else "",
            api_port=0,
            worker_processes=processes,
            log_level="WARNING",
            rate_limits="off",
            webhook_allow_cidrs="127.0.0.0/8",
            **settings,
        )
        kernels = {"NUMBA_CACHE_DIR": str(ROOT / ".solvequeue" / "kernels")}
        stack = running.enter_context(Stack(given, parts=PARTS, environment=kernels))
        assert stack.valkey is not None
        http = httpx2.Client(
            base_url=stack.api_url,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            limits=httpx2.Limits(keepalive_expiry=KEPT_SECONDS),
        )
        running.callback(http.close)
        database = Database(given)
        running.callback(database.close)
        valkey = redis.Redis.from_url(stack.valkey.redis_url)
        running.callback(valkey.close)
        yield Stage(stack, http, database, valkey, server)


@dataclass(frozen=True)
class Used:
    """What was used while something was done, by part and all in all."""

    seconds: float
    cpu_s: dict[str, float]
    database_bytes: float
    valkey_bytes: float

    def each(self, count: int) -> dict[str, float]:
        """Return the processor time of one of so many, by part."""
        return {part: used / count for part, used in self.cpu_s.items()}


def used_while(on: Stage, doing: Callable[[], None]) -> Used:
    """Do something, and return what it took."""
    cpu, data, memory = on.cpu_seconds(), on.database_bytes(), on.valkey_bytes()
    begun = time.perf_counter()
    doing()
    seconds = time.perf_counter() - begun
    return Used(
        seconds,
        {part: after - cpu.get(part, 0.0) for part, after in on.cpu_seconds().items()},
        on.database_bytes() - data,
        on.valkey_bytes() - memory,
    )


def _cpu_of_tree(pid: int) -> float:
    """Return the time of a process and of those below it, also of those that ended."""
    parent = psutil.Process(pid)
    total = 0.0
    for process in (parent, *parent.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
        total += times.children_user + times.children_system
    return total
