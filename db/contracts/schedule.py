"""The words of schedules: what starts jobs without a caller, and what came of it."""

from enum import StrEnum

NEXT_TIMES = 5
"""How many due times to come are shown."""
MAX_COUNTED = 1000
"""A run's ``times`` goes no further."""


class Overlap(StrEnum):
    """What a due time does while a job of the same schedule has not ended."""

    SKIP = "skip"
    """Nothing."""
    QUEUE_ONE = "queue_one"
    """It waits for that end, unless another waits for it already."""
    REPLACE = "replace"
    """It has that job cancelled, and starts its own."""
    ALLOW = "allow"
    """It starts its own beside it."""


class Seed(StrEnum):
    """Which seed the jobs of a schedule get."""

    FIXED = "fixed"
    """Each the same: the one that was sent, or that of a kind that knows none."""
    EACH = "each"
    """Each one of its own, made of the schedule and the due time."""


class Cause(StrEnum):
    """Why a run was thought of."""

    DUE = "due"
    CATCH_UP = "catch_up"
    """It was due while no one looked."""
    TRIGGER = "trigger"
    """Someone asked for it."""


class RunOutcome(StrEnum):
    """What came of a due time."""

    STARTED = "started"
    WAITING = "waiting"
    """For the end of the job before it."""
    SKIPPED = "skipped"


class SkipReason(StrEnum):
    """Why a due time went by without a job."""

    MISSED = "missed"
    """No one looked in time, or a later time was due too when someone did."""
    OVERLAP = "overlap"
    """The job before it had not ended."""
    ONE_WAITS = "one_waits"
    """Nor had that, and another due time waited already."""
    PAUSED = "paused"
    """The schedule was paused while it waited."""
    INVALID = "invalid"
    """This version does not understand the stored request."""
