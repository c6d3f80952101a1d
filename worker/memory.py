"""What one attempt may take of the machine's memory."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "linux":
    import resource

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
