"""Read by an interpreter as it starts, on the host whose clock is wrong.

Debian's libfaketime 0.9.10, told to leave the monotonic clock alone, refuses what
`time.sleep` asks of the system (EINVAL), which no wrong clock does: whoever sleeps
would end there. `select` waits by no clock that it changes.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
