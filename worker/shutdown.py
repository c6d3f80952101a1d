"""Tells a worker's children that the worker is going away.

Celery's warm shutdown waits for running tasks and has no way to hurry them. The flag
lies in memory that parent and children share, so that a job can give itself back.
"""

import mmap
import struct
import time

_MOMENT = struct.Struct("d")
# Made at import, in the parent: children inherit the mapping when they are forked.
_shared = mmap.mmap(-1, _MOMENT.size)


def announce() -> None:
    """Say, in the parent, that it is going away."""
    _shared[: _MOMENT.size] = _MOMENT.pack(time.monotonic())


def announced_for() -> float:
    """Return for how many seconds the worker has been going away; 0 if it is not."""
    (moment,) = _MOMENT.unpack(_shared[: _MOMENT.size])
    return time.monotonic() - moment if moment else 0.0
