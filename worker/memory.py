"""What one attempt may take of the machine's memory."""

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

if sys.platform == "linux":
    import resource

KEPT_BYTES = 8 * 2**20
"""So much may be kept of what was freed; to give it back takes milliseconds."""

_changing = threading.Lock()
_inside = 0
"""How many are within it: the first sets the bound, the last takes it away."""
_before = 0


@contextmanager
def bounded_memory(most_bytes: int) -> Iterator[None]:
    """Let this process take at most so much beside what it holds, here and within.

    Beyond it whoever asks for more gets a MemoryError, and what it had goes on: the
    machine does not run out of memory, which would end processes that are not to
    blame. Attempts that share a process share the bound of the first.

    Only where the kernel counts what a process may write to: elsewhere than on Linux
    this does nothing.
    """
    if sys.platform != "linux":
        yield
        return
    _enter(most_bytes)
    try:
        yield
    finally:
        _leave()


def _enter(most_bytes: int) -> None:
    global _inside, _before
    with _changing:
        if _inside == 0:
            soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
            _before = soft
            resource.setrlimit(
                resource.RLIMIT_DATA, (_lesser(_held() + most_bytes, soft), hard)
            )
        _inside += 1


def _leave() -> None:
    global _inside
    with _changing:
        _inside -= 1
        if _inside == 0:
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (_before, hard))


def _lesser(wanted: int, given: int) -> int:
    return wanted if given == resource.RLIM_INFINITY else min(wanted, given)


def _held() -> int:
    """Return what the kernel counts of this process against the bound, and its stack.

    That of the parent that a forked child has not written to yet is in it.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    return pages * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Return to the system what was freed and is kept, if that is much.

    Matrices of some MiB leave holes of that size behind, which glibc keeps: of a child
    that holds 30 MiB of its own it can keep 30 more. Elsewhere this does nothing.
    """
    libc = _glibc()
    if libc is not None and libc.mallinfo2().fordblks > KEPT_BYTES:
        libc.malloc_trim(0)


class _Handed(ctypes.Structure):
    """What `mallinfo2` tells, in bytes; ``fordblks`` is what is kept."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@cache
def _glibc() -> Any:
    """Return the C library, or None where it is another, or glibc before 2.33."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    if not (hasattr(libc, "mallinfo2") and hasattr(libc, "malloc_trim")):
        return None
    libc.mallinfo2.restype = _Handed
    return libc
