"""Who runs an attempt: a process that others on its host can see living or dead."""

import os
import sys
from functools import cache
from pathlib import Path

import psutil


def this_process(host: str) -> str:
    """Return ``host:pid:start``; the start tells a reused pid from its forerunner."""
    return _name(host, os.getpid())


@cache
def _name(host: str, pid: int) -> str:
    # By pid: a forked child is not its parent.
    return f"{host}:{pid}:{_started(pid)}"


def is_known_dead(owner: str, host: str) -> bool:
    """Return whether the owner was on this host and is no more."""
    its_host, _, process = owner.rpartition(":")[0].rpartition(":")
    if its_host != host or not process.isdecimal():
        return False
    return _started(int(process)) != owner.rpartition(":")[2]


def _started(pid: int) -> str:
    """Return what stays the same while the process lives, and is empty after."""
    if sys.platform == "linux":
        return _started_on_linux(pid)
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return ""


def _started_on_linux(pid: int) -> str:
    """Return the ticks since boot: a time of day would move when the clock is set."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The name, in parentheses, may hold anything; the state follows it.
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
