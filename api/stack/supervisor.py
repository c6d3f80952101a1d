"""Keeps the parts up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.stack.errors import PartFailedError
from api.stack.parts import PartName
from api.stack.stack import Stack

POLL_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A part that lived this long has started well; its next death counts as its first."""
MAX_DEATHS = 5


@dataclass
class Watch:
    """What is remembered of one part."""

    started_at: float
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Starts again what dies, ever more slowly, and gives up on what cannot live."""

    def __init__(
        self, stack: Stack, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._stack = stack
        self._tell = tell
        now = time.monotonic()
        self._watches = {name: Watch(started_at=now) for name in stack.handles}

    def run(self, stopped: threading.Event) -> None:
        """Return when `stopped` is set.

        Children end with the thread that started them: it must outlive the stack.
        """
        while not stopped.wait(POLL_SECONDS):
            self.look()

    def look(self) -> None:
        """Look at every part once."""
        for name, watch in self._watches.items():
            with self._stack.changing:
                if self._stack.is_stopping:
                    return
                self._look_at(name, watch)

    def _look_at(self, name: PartName, watch: Watch) -> None:
        handle = self._stack.handles[name]
        now = time.monotonic()
        if watch.restart_at is not None:
            if now >= watch.restart_at:
                self._restart(name, watch)
        elif not handle.is_alive():
            self._note_death(name, watch)

    def _note_death(self, name: PartName, watch: Watch) -> None:
        now = time.monotonic()
        if now - watch.started_at > STEADY_SECONDS:
            watch.deaths = 0
        watch.deaths += 1
        handle = self._stack.handles[name]
        if watch.deaths >= MAX_DEATHS:
            raise handle.failure(f"ended {watch.deaths} times in a row")
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (watch.deaths - 1), MAX_PAUSE_SECONDS)
        watch.restart_at = now + pause
        self._tell(f"{name} ended; it starts again in {pause:g} s ({handle.log_path})")

    def _restart(self, name: PartName, watch: Watch) -> None:
        watch.restart_at = None
        watch.started_at = time.monotonic()
        try:
            self._stack.handles[name].start()
        except PartFailedError:
            self._note_death(name, watch)
        else:
            self._tell(f"{name} started again")
