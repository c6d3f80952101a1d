"""What the service holds: memory, files and threads by process; data by server."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import redis
from sqlalchemy import text

from api.stack import Stack
from db.engine import Database

MEBIBYTE = 2**20
PROBE_LOOPS = 20_000


class Sampler:
    """Looks at the stack's processes, and at nothing that would change them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._labels: dict[int, str] = {}
        self._counts: dict[str, int] = {}
        self._database = Database(stack.settings)
        assert stack.valkey is not None
        self._valkey = redis.Redis.from_url(stack.valkey.redis_url)

    def sample(self) -> dict[str, Any]:
        """Return one moment's numbers; sizes in MiB, times in seconds."""
        busy = psutil.cpu_times()
        return {
            "processes": {
                label: _process(process) for label, process in self._processes()
            },
            "machine_busy_s": busy.user + busy.system + busy.nice,
            "driver_cpu_s": time.process_time(),
            "load_1m": psutil.getloadavg()[0],
            "probe_ms": _probe(),
            "valkey": self._valkey_sizes(),
            "database_mib": self._database_mib(),
        }

    def close(self) -> None:
        self._database.close()
        self._valkey.close()

    def _processes(self) -> Iterator[tuple[str, psutil.Process]]:
        for part, handle in self._stack.handles.items():
            if handle.pid is None or not handle.is_alive():
                continue
            parent = psutil.Process(handle.pid)
            yield self._label(parent.pid, part), parent
            for child in sorted(parent.children(recursive=True), key=lambda p: p.pid):
                yield self._label(child.pid, f"{part} child"), child

    def _label(self, pid: int, name: str) -> str:
        """Return one name for the life of a process; another has the next number."""
        if pid not in self._labels:
            self._counts[name] = self._counts.get(name, 0) + 1
            self._labels[pid] = f"{name} {self._counts[name]}"
        return self._labels[pid]

    def _valkey_sizes(self) -> dict[str, float]:
        info: Any = self._valkey.info()
        return {
            "used_mib": info["used_memory"] / MEBIBYTE,
            "keys": sum(
                each["keys"] for name, each in info.items() if name.startswith("db")
            ),
            "clients": info["connected_clients"],
            "aof_mib": info.get("aof_current_size", 0) / MEBIBYTE,
        }

    def _database_mib(self) -> float:
        if self._stack.settings.database_url:
            query = text("select pg_database_size(current_database())")
            with self._database.reading() as connection:
                return float(connection.execute(query).scalar_one()) / MEBIBYTE
        return sum(_size(path) for path in self._stack.home.glob("solvequeue.db*"))


def _process(process: psutil.Process) -> dict[str, float]:
    try:
        with process.oneshot():
            memory = process.memory_full_info()
            used = process.cpu_times()
            return {
                "pid": process.pid,
                "rss_mib": memory.rss / MEBIBYTE,
                # Pages that are shared count by the share: their sum is what is used.
                "pss_mib": memory.pss / MEBIBYTE,
                "uss_mib": memory.uss / MEBIBYTE,
                "files": process.num_fds(),
                "threads": process.num_threads(),
                "cpu_s": used.user + used.system,
            }
    except psutil.NoSuchProcess:
        return {}


def _probe() -> float:
    """Return how long a fixed piece of work took: how fast the machine is now."""
    begun = time.perf_counter()
    total = 0
    for number in range(PROBE_LOOPS):
        total += number * number
    return 1000 * (time.perf_counter() - begun)


def _size(path: Path) -> float:
    return path.stat().st_size / MEBIBYTE
