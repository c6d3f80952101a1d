"""Threads that do things at their moments, the earliest first.

One thread waits for the next moment and hands over; the others wait to be handed
something. They are daemons: a process that ends does not wait for who does not answer.
"""

import heapq
import logging
import threading
import time
from collections.abc import Callable
from itertools import count
from queue import SimpleQueue
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Pool(Generic[T]):
    """At most ``size`` things at once; threads are begun as they are needed."""

    def __init__(
        self, size: int, work: Callable[[T], None], *, now: Callable[[], float]
    ) -> None:
        self._size = size
        self._work = work
        self._now = now
        self._order = count()
        self._waiting: list[tuple[float, int, T]] = []
        self._ready: SimpleQueue[T | None] = SimpleQueue()
        # None ends a thread.
        self._changed = threading.Condition()
        self._threads = 0
        self._busy = 0
        """Handed over, and not done yet."""
        self._dealer: threading.Thread | None = None
        self._is_closed = False

    @property
    def under_way(self) -> int:
        """How many things are waited for or done."""
        with self._changed:
            return len(self._waiting) + self._busy

    def submit(self, thing: T, moment: float) -> bool:
        """Have it done at its moment; return False if nothing is done any more."""
        with self._changed:
            if self._is_closed:
                return False
            if self._dealer is None:
                self._dealer = self._start(self._deal, "provider-dealer")
            heapq.heappush(self._waiting, (moment, next(self._order), thing))
            self._changed.notify_all()
        return True

    def drain(self, seconds: float) -> list[T]:
        """Begin nothing more, wait so long for what is under way.

        Returns what was not begun.
        """
        end = time.monotonic() + seconds
        with self._changed:
            self._is_closed = True
            left = [thing for _, _, thing in self._waiting]
            self._waiting.clear()
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._busy == 0, max(0.0, end - time.monotonic())
            )
            for _ in range(self._threads):
                self._ready.put(None)
        return left

    def wait_until_idle(self, seconds: float) -> bool:
        """Return whether all that was submitted is done within so long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and self._busy == 0, seconds
            )

    def _deal(self) -> None:
        with self._changed:
            while not self._is_closed:
                if not self._waiting or self._busy >= self._size:
                    self._changed.wait()
                    continue
                left = self._waiting[0][0] - self._now()
                if left > 0:
                    self._changed.wait(left)
                    continue
                _, _, thing = heapq.heappop(self._waiting)
                self._busy += 1
                if self._busy > self._threads:
                    self._threads += 1
                    self._start(self._run, f"provider-check-{self._threads}")
                self._ready.put(thing)

    def _run(self) -> None:
        while (thing := self._ready.get()) is not None:
            try:
                self._work(thing)
            except Exception:
                # One that fails must not take the thread from all others.
                logger.exception("check failed", extra={"action": "check_failed"})
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _start(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread
