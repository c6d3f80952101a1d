"""How much of a processor each part of what runs takes, and what others take."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil

MARKS = {
    "valkey-server": "valkey",
    "redis-server": "valkey",
    "postgres": "postgresql",
    "uvicorn": "api",
    "bare@": "bare celery",
    "solvers@": "solvers",
    "couriers@": "couriers",
}
"""By what stands in the command of the part's first process."""
Process = tuple[int, float]
"""A process id and when it began: ids are used again."""


@dataclass(frozen=True)
class Share:
    """What one part used between two looks."""

    part: str
    cores: float
    busiest: float
    """The most that one of its processes used: 1 is all that one thread can."""
    rss_mb: float


@dataclass(frozen=True)
class Shares:
    """What was used, of how many cores."""

    parts: list[Share]
    cores: int
    others: float
    """Cores used by processes that are not part of this, and by the kernel for them."""
    idle: float


class Meter:
    """Looks at the processes below this one, now and when asked."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._machine = _machine()
        self._used = dict(_used())

    def read(self) -> Shares:
        """Return what was used since this was made, in cores."""
        elapsed = time.monotonic() - self._began
        busy, idle = (b - a for a, b in zip(self._machine, _machine(), strict=True))
        seconds: dict[str, list[float]] = defaultdict(list)
        memory: dict[str, float] = defaultdict(float)
        for process, (part, used, rss) in _used():
            _, before, _ = self._used.get(process, (part, 0.0, 0.0))
            seconds[part].append(used - before)
            memory[part] += rss
        parts = [
            Share(part, sum(each) / elapsed, max(each) / elapsed, memory[part])
            for part, each in seconds.items()
        ]
        ours = sum(part.cores for part in parts)
        return Shares(
            sorted(parts, key=lambda part: -part.cores),
            psutil.cpu_count() or 1,
            max(0.0, busy / elapsed - ours),
            idle / elapsed,
        )


def _machine() -> tuple[float, float]:
    """Return the seconds that all cores were busy, and idle."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # Guests are counted in user time already.
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return sum(times) - guests - idle, idle


def _used() -> Iterator[tuple[Process, tuple[str, float, float]]]:
    """Yield of each process its part, its seconds and its memory in MiB."""
    me = psutil.Process()
    yield _look(me, "load generator")
    for child in me.children():
        with suppress(psutil.NoSuchProcess):
            part = _part_of(child)
            for each in (child, *child.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    yield _look(each, part)


def _look(
    process: psutil.Process, part: str
) -> tuple[Process, tuple[str, float, float]]:
    with process.oneshot():
        times = process.cpu_times()
        rss = process.memory_info().rss / 2**20
        return (process.pid, process.create_time()), (
            part,
            times.user + times.system,
            rss,
        )


def _part_of(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((part for mark, part in MARKS.items() if mark in command), "other")
