"""Who runs an attempt: a process that others on its host can see living or dead."""

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

import psutil

PLACE_DIGITS = 8


def this_process(host: str) -> str:
    """Return ``place:pid:start``; the start tells a reused pid from its forerunner."""
    return _name(host, os.getpid())


@cache
def place(host: str) -> str:
    """Return where process ids mean what they mean here.

    That is not the host's name: two machines made from one image are often called the
    same, as are two containers of one pod, and none sees the processes of the other.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        numbering = os.readlink("/proc/self/ns/pid")
    except OSError:
        # Not Linux, or a sandbox that hides it: the name is all there is.
        return host
    known = hashlib.sha256(f"{boot} {numbering}".encode()).hexdigest()
    return f"{host}/{known[:PLACE_DIGITS]}"


@cache
def _name(host: str, pid: int) -> str:
    # By pid: a forked child is not its parent.
    return f"{place(host)}:{pid}:{_started(pid)}"


def is_known_dead(owner: str, host: str) -> bool:
    """Return whether the owner was where we are, and is no more."""
    its_place, _, process = owner.rpartition(":")[0].rpartition(":")
    if its_place != place(host) or not process.isdecimal():
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
