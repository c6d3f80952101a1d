"""Says that this worker is there, as long as it is."""

import logging
import os
import threading
import time
from collections.abc import Sequence

import psutil

from db import owner
from db.contracts.errors import UnavailableError
from db.contracts.living_worker import LivingWorker
from db.contracts.settings import Settings
from db.contracts.version import VERSION
from db.presence import TELL_SECONDS, Presence

logger = logging.getLogger(__name__)


class Standing:
    """A thread of the worker's parent; its children come and go."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ended = threading.Event()

    def begin(self, *, name: str, slots: int, queues: Sequence[str]) -> None:
        """Tell it now, and again before it is forgotten."""
        pid, host = os.getpid(), self._settings.host
        worker = LivingWorker(
            id=owner.this_process(host),
            name=name,
            host=host,
            pid=pid,
            processes=[],
            slots=slots,
            queues=list(queues),
            version=VERSION,
            since=time.time(),
        )
        threading.Thread(
            target=self._run, args=(worker,), name="standing", daemon=True
        ).start()

    def end(self) -> None:
        """Tell no more; the thread says farewell."""
        self._ended.set()

    def _run(self, worker: LivingWorker) -> None:
        presence = Presence(self._settings)
        process = psutil.Process(worker.pid)
        while True:
            children = [child.pid for child in process.children()]
            try:
                presence.tell_worker(worker.model_copy(update={"processes": children}))
            except UnavailableError:
                logger.debug("nobody to tell", extra={"action": "standing_not_told"})
            if self._ended.wait(TELL_SECONDS):
                break
        try:
            presence.forget_worker(worker.id)
        except UnavailableError:
            logger.debug("nobody to tell", extra={"action": "standing_not_told"})
        presence.close()
