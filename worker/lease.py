"""Keeps a job's lease while its attempt runs, and hears what others want of it."""

import logging
import os
import threading
import time
from functools import cache
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
DEAF_SECONDS = 10.0
"""How long it is not looked for there after a failure. One that says nothing takes
seconds to be found out, and renewals wait meanwhile."""


class Lease:
    """Kept by a thread beside the attempt: renewed, checkpointed, told of cancelling.

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
        self._has_ended = False
        self._in_keeping = threading.Lock()

    def __enter__(self) -> Self:
        _keeper(os.getpid()).hold(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _keeper(os.getpid()).let_go(self)
        # Not in the middle of a renewal: what follows may count on its outcome.
        with self._in_keeping:
            self._has_ended = True

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

    def write_checkpoint(self) -> bool:
        """Write what was offered now; return whether the row has it."""
        with self._in_keeping:
            if self._checkpoint is not None and not (self._has_ended or self._lost):
                self._renew()
            return self._checkpoint is None

    def take_checkpoint(self) -> str | None:
        """Return what has not been written yet."""
        checkpoint, self._checkpoint = self._checkpoint, None
        return None if checkpoint is None else checkpoint.model_dump_json()

    def keep(self) -> None:
        """Renew, if that is due."""
        with self._in_keeping:
            if self._is_due():
                self._renew()

    def listen(self) -> None:
        """Hear whether the job is to be cancelled, unless a renewal is due.

        Raises StreamUnavailableError; the next renewal reads the wish from the row.
        """
        if not (self._is_over or self._is_due() or self._cancel_requested):
            stream = self._backplane.stream
            if stream.is_cancel_requested(self._claim.job_id):
                self._cancel_requested = True

    @property
    def _is_over(self) -> bool:
        return self._has_ended or self._lost

    def _is_due(self) -> bool:
        silence = time.monotonic() - self._renewed_at
        return not self._is_over and silence >= self._settings.heartbeat_seconds

    def _renew(self) -> None:
        offered = self._checkpoint
        asked_at = time.monotonic()
        try:
            with self._backplane.database.transaction() as connection:
                self._cancel_requested |= attempts.renew(
                    connection,
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


class _Keeper:
    """One thread a process for all its leases: short jobs need not start their own."""

    def __init__(self) -> None:
        self._held: set[Lease] = set()
        self._changing = threading.Lock()
        self._has_some = threading.Event()
        self._pause = threading.Event()
        self._deaf_until = 0.0
        threading.Thread(target=self._run, name="leases", daemon=True).start()

    def hold(self, lease: Lease) -> None:
        with self._changing:
            self._held.add(lease)
            self._has_some.set()

    def let_go(self, lease: Lease) -> None:
        with self._changing:
            self._held.discard(lease)
            if not self._held:
                self._has_some.clear()

    def _run(self) -> None:
        while True:
            try:
                self._go_round()
            except MemoryError:
                # The attempt has all that it may: it ends of that, and others follow,
                # whose leases are to be kept.
                continue

    def _go_round(self) -> None:
        self._has_some.wait()
        self._pause.wait(LISTEN_SECONDS)
        with self._changing:
            held = tuple(self._held)
        for lease in held:
            try:
                lease.keep()
                self._listen(lease)
            except Exception:
                # The others' leases must be kept; this one will fence itself.
                logger.exception(
                    "a lease was not kept", extra={"action": "lease_not_kept"}
                )

    def _listen(self, lease: Lease) -> None:
        if time.monotonic() < self._deaf_until:
            return
        try:
            lease.listen()
        except StreamUnavailableError:
            self._deaf_until = time.monotonic() + DEAF_SECONDS
            logger.debug("cannot listen now", extra={"action": "cancel_not_heard"})


@cache
def _keeper(pid: int) -> _Keeper:
    """Return the process' keeper: a forked child does not inherit its parent's."""
    return _Keeper()
