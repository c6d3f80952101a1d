"""The running service as the injector sees it: processes, and what was done to them."""

import contextlib
import math
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from api.stack import PartName, Stack
from db.contracts.settings import Settings
from tests.servers.postgresql import PostgreSQL

PARTS = tuple(part for part in PartName if part is not PartName.FLOWER)
WORKER_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A process that did nothing from one moment to another, or ever again."""

    pid: int
    at: float
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Death:
    """A part that ended although nobody had touched it."""

    part: PartName
    at: float
    log_tail: str


class Site:
    """Kills, freezes and starts; keeps up what no fault has taken down.

    From one thread: on Linux the parts end with the thread that started them.
    """

    def __init__(self, stack: Stack, postgresql: PostgreSQL | None) -> None:
        self.stack = stack
        self.postgresql = postgresql
        self.hits: list[Hit] = []
        self.deaths: list[Death] = []
        self.down: set[PartName] = set()
        """Parts that a fault has taken down and will start again."""

    def pids(self, part: PartName) -> list[int]:
        """Return the part's own process, and in the solvers' case its children."""
        pid = self.stack.handles[part].pid
        if pid is None:
            return []
        return [pid, *(child.pid for child in self.children(part))]

    def children(self, part: PartName = PartName.SOLVERS) -> list[psutil.Process]:
        """Return the processes in which jobs run."""
        pid = self.stack.handles[part].pid
        with contextlib.suppress(psutil.Error):
            found: list[psutil.Process] = psutil.Process(pid).children()
            return found
        return []

    def kill(self, part: PartName) -> None:
        """End the part as a crash would; its children end with it."""
        self.down.add(part)
        pids = self.pids(part)
        self.stack.handles[part].kill()
        self._note(pids)

    def ask_to_stop(self, part: PartName) -> None:
        self.down.add(part)
        os.kill(self._pid(part), signal.SIGTERM)

    def start(self, part: PartName) -> None:
        self.stack.handles[part].start()
        self.down.discard(part)

    def is_alive(self, part: PartName) -> bool:
        return self.stack.handles[part].is_alive()

    def kill_process(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self._note([pid])

    @contextmanager
    def frozen(self, pid: int) -> Iterator[None]:
        """Let the process do nothing for as long as the context lasts."""
        at = time.time()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
            self.hits.append(Hit(pid, at, time.time()))

    def frozen_part(self, part: PartName) -> contextlib.AbstractContextManager[None]:
        return self.frozen(self._pid(part))

    def forget_append_only_file(self) -> None:
        """Let the event server start empty, as one without AOF does."""
        shutil.rmtree(self.stack.home / "valkey" / "appendonlydir")

    def look(self) -> None:
        """Start again what ended by itself, as `solvequeue up` would, and note it."""
        for part, handle in self.stack.handles.items():
            if part in self.down or handle.is_alive():
                continue
            tail = str(handle.failure("ended by itself"))
            self.deaths.append(Death(part, time.time(), tail))
            handle.start()

    def _pid(self, part: PartName) -> int:
        pid = self.stack.handles[part].pid
        assert pid is not None
        return pid

    def _note(self, pids: list[int]) -> None:
        at = time.time()
        self.hits += [Hit(pid, at) for pid in pids]


@contextmanager
def open_site(
    home: Path, kernels: str, postgresql: PostgreSQL | None
) -> Iterator[Site]:
    """Run the whole stack but for Flower, with short leases."""
    settings = Settings(
        home=home,
        database_url=postgresql.create_database() if postgresql else "",
        api_port=0,
        worker_processes=WORKER_PROCESSES,
        shutdown_seconds=4,
        lease_seconds=6.0,
        self_fence_seconds=4.5,
        heartbeat_seconds=1.5,
        # All losses are of our making: no job is at fault.
        max_losses=1000,
        webhook_allow_cidrs="127.0.0.0/8",
        webhook_timeout_seconds=5.0,
        webhook_backoff_scale=0.01,
        rate_limits="off",
    )
    with Stack(
        settings, parts=PARTS, environment={"NUMBA_CACHE_DIR": kernels}
    ) as stack:
        yield Site(stack, postgresql)
