"""Does something now and again, off the requests' way."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

STOP_SECONDS = 5.0


class Ticker:
    """One thread of an API process."""

    def __init__(
        self, name: str, work: Callable[[], None], *, pause: Callable[[], float]
    ) -> None:
        """``pause`` says how many seconds to wait before the next time."""
        self._work = work
        self._pause = pause
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                self._work()
            except Exception:
                # One time that fails must not be the last.
                logger.exception(
                    "ticker failed",
                    extra={"action": "ticker_failed", "ticker": self._thread.name},
                )
            if self._stopped.wait(self._pause()):
                return
