"""Keeps a job's lease while its attempt runs, and hears what others want of it."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import (
    LeaseLostError,
    StreamUnavailableError,
    UnavailableError,
)
from db.repositories import attempts
from db.repositories.attempts import Claim

logger = logging.getLogger(__name__)

LISTEN_SECONDS = 0.25
"""How often the wish to cancel is looked for in Redis; the row tells it too."""


class Lease:
    """A thread beside the attempt: it renews, checkpoints and reads the wish to cancel.

    The attempt's kernels leave the GIL, so that the thread is never late. If it cannot
    renew for long enough, the lease counts as lost before anyone else may take it.
    """

    def __init__(self, backplane: Backplane, claim: Claim, *, asked_at: float) -> None:
        self._backplane = backplane
        self._settings = backplane.settings
        self._claim = claim
        # From before the claim: the lease may not seem longer than it is.
        self._renewed_at = asked_at
        self._cancel_requested = claim.cancel_requested
        self._lost = False
        self._checkpoint: Checkpoint | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        """Whether this attempt must stop and write nothing."""
        silence = time.monotonic() - self._renewed_at
        return self._lost or silence > self._settings.self_fence_seconds

    @property
    def is_cancel_requested(self) -> bool:
        return self._cancel_requested

    def offer_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Leave what the next renewal is to write."""
        self._checkpoint = checkpoint

    def take_checkpoint(self) -> str | None:
        """Return what has not been written yet."""
        checkpoint, self._checkpoint = self._checkpoint, None
        return None if checkpoint is None else checkpoint.model_dump_json()

    def _run(self) -> None:
        while not self._ended.wait(LISTEN_SECONDS) and not self._lost:
            if time.monotonic() - self._renewed_at >= self._settings.heartbeat_seconds:
                self._renew()
            elif not self._cancel_requested:
                self._listen()

    def _renew(self) -> None:
        offered = self._checkpoint
        asked_at = time.monotonic()
        try:
            with self._backplane.database.transaction() as session:
                self._cancel_requested |= attempts.renew(
                    session,
                    self._claim.job_id,
                    attempt=self._claim.attempt,
                    lease_seconds=self._settings.lease_seconds,
                    checkpoint=None if offered is None else offered.model_dump_json(),
                )
        except LeaseLostError:
            self._lost = True
        except UnavailableError as error:
            logger.warning(
                "cannot renew the lease now",
                extra={
                    "action": "lease_not_renewed",
                    "job_id": self._claim.job_id,
                    "reason": error.code,
                },
            )
        else:
            # From before the call, for the same reason.
            self._renewed_at = asked_at
            if self._checkpoint is offered:
                self._checkpoint = None

    def _listen(self) -> None:
        try:
            job_id = self._claim.job_id
            self._cancel_requested = self._backplane.stream.is_cancel_requested(job_id)
        except StreamUnavailableError:
            # The next renewal reads the same wish from the row.
            logger.debug("cannot listen now", extra={"action": "cancel_not_heard"})
