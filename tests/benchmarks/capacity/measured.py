"""All measurements in one go, on both databases, and where they are kept."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from tests.benchmarks.capacity import measuring
from tests.benchmarks.capacity.measuring import Payload, RedisSizes, Throughput
from tests.benchmarks.capacity.stage import stage
from tests.benchmarks.capacity.write_lock import Held, held_per_job
from tests.servers.postgresql import PostgreSQL

DATABASES = ("sqlite", "postgresql")
PROCESSES = (1, 2, 3, 4)
ROUNDS = 5
SEED = 20261123
ORDERS: tuple[int, ...] = tuple(measuring.REPEATS)


@dataclass(frozen=True)
class Measured:
    """What one database's runs came to."""

    database: str
    held: Held
    """How long a trivial job holds the write lock."""
    redis: RedisSizes
    read_ms: float
    """Processor time of the API for one look at a job."""
    throughputs: list[Throughput]
    payloads: list[Payload]
    others_cores: float
    """What else ran on the machine meanwhile, on average."""


def measure(database: str, *, jobs: int, orders: Sequence[int]) -> Measured:
    """Measure it, with so many trivial jobs for each number of solver processes."""
    with _server(database) as server, _others() as others:
        held = _held(server)
        throughputs, payloads, read = [], list[Payload](), 0.0
        redis = RedisSizes(0.0, 0.0, 0.0, 0.0)
        for processes in PROCESSES:
            with (
                tempfile.TemporaryDirectory() as folder,
                stage(Path(folder) / "h", processes=processes, server=server) as on,
            ):
                throughputs.append(measuring.throughput(on, jobs))
                print(f"{database}: {throughputs[-1]}", flush=True)
                if processes == os.cpu_count():
                    read = median(measuring.reads(on) for _ in range(ROUNDS))
                    rng = np.random.default_rng(SEED)
                    payloads = [measuring.payload(on, each, rng) for each in orders]
                    redis = measuring.redis_sizes(on)
    return Measured(database, held, redis, read, throughputs, payloads, others[0])


def sockets() -> dict[str, Any]:
    """Run the benchmark of broadcasts, of modest size."""
    size = ("--sockets", "200", "1000", "--stalled", "0", "--seconds", "10")
    told = _benchmark("broadcast", *size)
    # The most sockets come twice; the second time their memory is there already.
    firsts = {each["sockets"]: each for each in reversed(told["measured"])}
    return told | {"measured": [firsts[count] for count in sorted(firsts)]}


def providers() -> dict[str, Any]:
    """Run the benchmark of checks: a thousand providers, each once a minute."""
    return _benchmark("providers", "--providers", "1000", "--minutes", "1")


def write(found: Sequence[Measured], path: Path, **beside: dict[str, Any]) -> None:
    """Keep what was measured, and on what."""
    machine = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%d"),
    }
    told = {
        "machine": machine,
        "databases": [asdict(each) for each in found],
        **beside,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1))


def read(path: Path) -> dict[str, Any]:
    """Return what was kept."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _benchmark(name: str, *size: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "told.json"
        module = f"tests.benchmarks.{name}"
        subprocess.run(
            [sys.executable, "-W", "ignore", "-m", module, *size, "--json", str(path)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return read(path)


def _held(server: PostgreSQL | None) -> Held:
    with tempfile.TemporaryDirectory() as folder:
        url = server.create_database() if server else ""
        return held_per_job(Path(folder), url, rounds=ROUNDS)


@contextmanager
def _server(database: str) -> Iterator[PostgreSQL | None]:
    if database == "sqlite":
        yield None
        return
    with PostgreSQL() as server:
        yield server


@contextmanager
def _others() -> Iterator[list[float]]:
    """Tell how many cores others used, at the end."""
    found: list[float] = []
    begun, before, ours = time.monotonic(), _busy(), _own()
    yield found
    used = _busy() - before - (_own() - ours)
    found.append(max(0.0, used / (time.monotonic() - begun)))


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _own() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
