"""What state a job may be in, and what may follow."""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. The last four are final and never change."""

    QUEUED = "queued"
    """Accepted, not running: new, given back, or waiting for its next attempt."""
    RUNNING = "running"
    """One attempt owns it, as long as it renews its lease."""
    SUCCEEDED = "succeeded"
    """Ended with a result."""
    FAILED = "failed"
    """Ended with an error and no hope in another attempt."""
    CANCELLED = "cancelled"
    """Ended because its caller asked; keeps the incumbent, if there was one."""
    EXPIRED = "expired"
    """Its deadline came before it ever started."""

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return not TRANSITIONS[self]


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset(
        {
            JobState.RUNNING,
            # Another job has done the same work.
            JobState.SUCCEEDED,
            JobState.CANCELLED,
            JobState.EXPIRED,
            JobState.FAILED,
        }
    ),
    JobState.RUNNING: frozenset(
        {
            JobState.QUEUED,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.CANCELLED,
        }
    ),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.EXPIRED: frozenset(),
}

FINAL_STATES: tuple[JobState, ...] = tuple(s for s in JobState if not TRANSITIONS[s])
