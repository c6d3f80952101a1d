"""What a handler may ask of the attempt that runs it."""

import time
from contextlib import AbstractContextManager

from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.event import EventType, Progress
from db.contracts.termination import Termination
from db.instance_codec import Matrices
from db.repositories import instances
from db.repositories.attempts import Claim
from db.tracing import Span, span
from worker import shutdown
from worker.lease import Lease
from worker.progress import ProgressPublisher
from worker.team import Team


class Context:
    """The attempt as its handler sees it: where to start, when to stop."""

    def __init__(
        self,
        backplane: Backplane,
        claim: Claim,
        *,
        lease: Lease,
        publisher: ProgressPublisher,
        start: Checkpoint | None,
    ) -> None:
        self._backplane = backplane
        self._lease = lease
        self._publisher = publisher
        self._shutdown_grace = backplane.settings.shutdown_seconds / 2
        self._deadline = (
            None
            if claim.deadline_at is None
            else time.monotonic() + claim.deadline_at - claim.claimed_at
        )
        self.attempt = claim.attempt
        self.memory_bytes = backplane.settings.max_calculation_bytes
        """What a calculation that runs in its own process may take."""
        self.team = (
            None
            if claim.parent_id is None
            # A child is part of its parent's trace.
            else Team(backplane, claim.parent_id, claim.started.draft.traceparent)
        )
        """Its parent's other children; whether they work together, its kind knows."""
        self.start = start
        """Where the attempt before got to, if there was one."""

    def why_stop(self) -> Termination | None:
        """Return why the run has to end now, or None."""
        if self._lease.is_lost:
            return Termination.INTERRUPTED
        if self._lease.is_cancel_requested:
            return Termination.CANCELLED
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return Termination.DEADLINE
        if shutdown.announced_for() > self._shutdown_grace:
            return Termination.INTERRUPTED
        return None

    def load_matrices(self, sha256: str) -> Matrices:
        """Return a stored instance."""
        with self._backplane.database.reading() as connection:
            return instances.load_matrices(connection, sha256)

    def phase(self, name: str) -> AbstractContextManager[Span]:
        """Measure a part of the run, where traces are wanted."""
        return span(self._backplane.settings, name)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        """Offer the place to go on from, should this attempt be lost."""
        self._lease.offer_checkpoint(checkpoint)

    def write_checkpoint(self) -> bool:
        """Write the checkpoint offered last; return whether the job's row has it."""
        return self._lease.write_checkpoint()

    def publish(self, type_: EventType, progress: Progress) -> None:
        """Tell of an incumbent or a bound."""
        self._publisher.offer(type_, progress)

    def publish_progress(self, progress: Progress) -> None:
        """Tell how the run stands; call it as often as you like."""
        self._publisher.offer_progress(progress)
