"""Tells Redis and the broker of accepted jobs, off the request's path.

Nothing depends on it arriving: the row is recorded, and the reconciler tells again.
"""

import logging
import queue
import threading
import time
from contextlib import suppress

from db.acceptance import Accepted
from db.announcement import announce, count_ends
from db.backplane import Backplane

logger = logging.getLogger(__name__)

BATCH = 64
MAX_WAITING = 10_000
CLOSE_SECONDS = 2.0
GATHER_SECONDS = 0.004
"""After a batch, for the next to be more than one: each costs several round trips.
Who asks for one job after the other notices nothing of it."""


class Announcer:
    """One thread, started at the first announcement."""

    def __init__(self, backplane: Backplane) -> None:
        self._backplane = backplane
        self._waiting: queue.Queue[Accepted | None] = queue.Queue(MAX_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def announce(self, accepted: Accepted) -> None:
        """Return at once; when too many wait, leave it to the reconciler."""
        if self._thread is None:
            self._start()
        try:
            self._waiting.put_nowait(accepted)
        except queue.Full:
            logger.warning(
                "too many announcements wait", extra={"action": "announcement_left"}
            )
            count_ends(self._backplane.meter, accepted.milestones)

    def close(self) -> None:
        """Tell what waits, for a moment at most."""
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put(None, timeout=CLOSE_SECONDS)
            self._thread.join(CLOSE_SECONDS)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="announcer", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, is_last = [first], False
            while len(batch) < BATCH and not self._waiting.empty():
                following = self._waiting.get_nowait()
                if following is None:
                    is_last = True
                    break
                batch.append(following)
            try:
                announce(self._backplane, batch)
            except Exception:
                # The reconciler tells of these; the next ones must be told too.
                logger.exception(
                    "announcements failed", extra={"action": "announcing_failed"}
                )
            if is_last:
                return
            time.sleep(GATHER_SECONDS)
