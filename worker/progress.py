"""Publishes how a run stands, without flooding the log or waiting for Redis."""

import logging
import time
from collections.abc import Callable

from db.contracts.errors import LeaseLostError, UnavailableError
from db.contracts.event import MAX_INLINE_ORDER, EventDraft, EventType, Progress
from db.contracts.identifier import new_id
from db.event_log import EventLog, entry_of
from db.repositories.attempts import Claim
from db.repositories.events import Milestone
from db.stream import Entry, Standing

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 0.05
"""Improvements closer together than this become one event: the best of them."""
PROGRESS_SECONDS = 0.5
PROGRESS_GROWTH = 1 / 500
"""Each second of running adds this to the pause between progress events: an hour
makes about 1,400 of them."""
AWAY_SECONDS = 1.0
AWAY_FACTOR = 4.0
"""Times that it took to find out that Redis is away: one that says nothing takes
seconds, in which the search stands still."""
IMPROVING = frozenset({EventType.JOB_INCUMBENT, EventType.JOB_BOUND})
"""What is told once is never taken back."""


class ProgressPublisher:
    """Holds the newest incumbent, bound and progress until the next window ends.

    ``write_first`` writes the job's checkpoint and says whether its row has it: what
    readers have heard of must be where the next attempt begins, though this one dies
    and Redis is away.
    """

    def __init__(
        self, log: EventLog, claim: Claim, *, write_first: Callable[[], bool]
    ) -> None:
        self._log = log
        self._claim = claim
        self._write_first = write_first
        self._held: dict[EventType, Progress] = {}
        # With the first window's events: a job that takes no time makes one call.
        self._started: Milestone | None = claim.started
        self._flush_at = time.monotonic() + WINDOW_SECONDS
        self._progress_at = 0.0

    def offer(self, type_: EventType, progress: Progress) -> None:
        """Take what is to be published; the newest of each type stands."""
        self._hold(type_, progress)
        self.tick()

    def offer_progress(self, progress: Progress) -> None:
        """Take how the run stands, if it is time to tell."""
        if time.monotonic() >= self._progress_at:
            self._hold(EventType.JOB_PROGRESS, progress)
        self.tick()

    def _hold(self, type_: EventType, progress: Progress) -> None:
        # Last, also where its type was held before: in the order in which they were
        # offered, no objective rises and no bound falls.
        self._held.pop(type_, None)
        self._held[type_] = progress

    def tick(self) -> None:
        """Publish what is held, if the window has ended."""
        if time.monotonic() >= self._flush_at:
            self.flush()

    def flush(self, ending: Milestone | None = None) -> None:
        """Publish what is held, and last what ends the attempt.

        While Redis is away it stays held; milestones are in the outbox as well.
        """
        if EventType.JOB_INCUMBENT in self._held:
            # It tells all that a progress event would.
            self._held.pop(EventType.JOB_PROGRESS, None)
        entries = [self._entry(*item) for item in self._held.items()]
        if self._started is not None:
            entries.insert(0, entry_of(self._started))
        if ending is not None:
            entries.append(entry_of(ending))
        if not entries:
            return
        now = time.monotonic()
        if ending is None and not IMPROVING.isdisjoint(self._held):
            if not self._write_first():
                self._flush_at = now + AWAY_SECONDS
                return
            now = time.monotonic()
        try:
            self._log.append(entries)
        except UnavailableError:
            took = time.monotonic() - now
            self._flush_at = now + took + max(AWAY_SECONDS, AWAY_FACTOR * took)
            logger.warning(
                "events wait", extra={"action": "events_held", **self._subject()}
            )
            return
        except LeaseLostError:
            # Once the end is recorded, others may have told it and shut the log.
            if ending is None:
                raise
        newest = max((p.elapsed_s for p in self._held.values()), default=0.0)
        self._held.clear()
        self._started = None
        self._flush_at = now + WINDOW_SECONDS
        self._progress_at = now + PROGRESS_SECONDS + newest * PROGRESS_GROWTH

    def _entry(self, type_: EventType, progress: Progress) -> Entry:
        return progress_entry(
            type_,
            progress,
            job_id=self._claim.job_id,
            fence=self._claim.attempt,
            needs=self._claim.started.ordinal,
            traceparent=self._claim.started.draft.traceparent,
        )

    def _subject(self) -> dict[str, object]:
        return {"job_id": self._claim.job_id, "attempt": self._claim.attempt}


def progress_entry(
    type_: EventType,
    progress: Progress,
    *,
    job_id: str,
    fence: int,
    needs: int,
    traceparent: str,
    standing: Standing | None = None,
) -> Entry:
    """Return how a run stands, as the log takes it."""
    whole = progress.model_dump_json(exclude_none=True)
    bare = progress.model_dump_json(exclude_none=True, exclude={"permutation"})
    permutation = progress.permutation
    is_inline = permutation is not None and len(permutation) <= MAX_INLINE_ORDER
    draft = EventDraft(
        id=new_id("evt"),
        type=type_,
        job_id=job_id,
        time=time.time(),
        attempt=fence,
        data=whole if is_inline else bare,
        traceparent=traceparent,
    )
    return Entry(
        draft,
        fence=fence,
        needs=needs,
        progress=bare,
        incumbent="" if permutation is None else whole,
        standing=standing,
    )
