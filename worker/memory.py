"""What one attempt may take of the machine's memory."""

import ctypes
import gc
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
"""So much may be left by a job, freed or not; to look for it takes milliseconds."""

_changing = threading.Lock()
_inside = 0
"""How many are within it: the first sets the bound, the last takes it away."""
_before = 0
_settled = 0
"""What was handed out when the collector had last been here, or less."""


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
    """Free what a job has left behind, and return it to the system, if that is much.

    A search and the generator that it is written as refer to each other, so that only
    the collector frees them and their matrices; it looks at what has become old after
    very many jobs. What is freed leaves holes, which glibc keeps.

    Where the C library is another this does nothing.
    """
    global _settled
    libc = _glibc()
    if libc is None:
        return
    if _used(libc) > _settled + KEPT_BYTES:
        gc.collect()
        _settled = _used(libc)
    _settled = min(_settled, _used(libc))
    if libc.mallinfo2().fordblks > KEPT_BYTES:
        libc.malloc_trim(0)


def _used(libc: Any) -> int:
    told = libc.mallinfo2()
    return int(told.uordblks + told.hblkhd)


class _Handed(ctypes.Structure):
    """What `mallinfo2` tells, in bytes.

    ``uordblks`` and ``hblkhd`` are handed out, ``fordblks`` is kept.
    """

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
