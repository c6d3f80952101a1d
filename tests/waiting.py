"""Waiting for what other threads and processes do: a condition, never a time."""

import threading
import time
from collections.abc import Callable

POLL_SECONDS = 0.005
PATIENCE_SECONDS = 30.0


def wait_until(
    condition: Callable[[], object], *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Return once the condition holds; fail where it never does."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {condition}"
        pause.wait(POLL_SECONDS)
