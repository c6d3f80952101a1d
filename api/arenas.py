"""What the allocator keeps for threads of this process."""

import ctypes
import sys

M_ARENA_MAX = -8
"""Of `mallopt`, in glibc's malloc.h."""
ARENAS = 2


def share_arenas() -> None:
    """Have all threads that come share two of the allocator's arenas.

    glibc makes one for each thread, up to eight for each core, and each keeps most of
    what its thread has ever held: a server with a pool of threads grows for hours.
    Threads that hold the interpreter in turn seldom wait for each other in it.

    Where the C library is another this does nothing.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
