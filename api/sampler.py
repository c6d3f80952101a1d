"""Looks at the service now and then, so that its uptime is known without a visitor."""

import logging
import threading

from api.state import ApiState
from api.vitals import Vitals

logger = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
"""A minute gets one sample, from whichever process looks first."""


class Sampler:
    """One thread of an API process."""

    def __init__(self, state: ApiState) -> None:
        self._state = state
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                Vitals(self._state).note()
            except Exception:
                # A look that fails must not be the last one.
                logger.exception("look failed", extra={"action": "sample_failed"})
            if self._stopped.wait(LOOK_SECONDS):
                return
