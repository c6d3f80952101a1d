"""The words of what beat starts: when a run was expected, and whether it was on time.

A run is expected one period after the one before it was *sent*, as beat itself counts:
not on a grid, from which beat drifts, nor after the one before had *begun*, for a run
that waited in its queue would make the next look early. What beat stamps on a message
(its expiry) says when that was sent, so that it does not matter which courier takes it,
nor in which order.

A run belongs to the latest expected moment that has come; those before it that nobody
ran are skips. ``delay`` runs from the expected moment to the first instruction of the
run: beat's own lateness and the wait for a courier.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

ON_TIME_SECONDS = 1.0
ON_TIME_SHARE = 0.1
"""Of the period. The larger of both is what a run may be late."""
EARLY_SHARE = 0.1
"""Of the period: one that comes earlier than that is no moment's, but an extra one."""
HOUR_SECONDS = 3600


class BeatCause(StrEnum):
    """Why a schedule ran."""

    BEAT = "beat"
    TRIGGER = "trigger"
    """Somebody asked for it: it belongs to no moment, and is neither late nor early."""


class BeatOutcome(StrEnum):
    """What came of a run."""

    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment that a run belongs to, and those that went by before it."""

    at: float
    skipped: int
    is_extra: bool = False
    """A second run of a moment that had one: two beats, or beat's clock."""


def moment_of(sent_at: float, *, after: float | None, every_seconds: float) -> Moment:
    """Return the moment of what was sent then, ``after`` the one sent before it."""
    if after is None:
        return Moment(sent_at, 0)
    periods = math.floor((sent_at - after) / every_seconds + EARLY_SHARE)
    if periods < 1:
        return Moment(sent_at, 0, is_extra=True)
    return Moment(after + periods * every_seconds, periods - 1)


def allowance(every_seconds: float) -> float:
    """Return by how much a run of this period may be late and still be on time."""
    return max(ON_TIME_SECONDS, ON_TIME_SHARE * every_seconds)


def overdue(seconds_since: float, every_seconds: float) -> int:
    """Return how many moments have gone by since one was sent, and are late by now."""
    late = seconds_since - allowance(every_seconds)
    return max(0, math.floor(late / every_seconds))


def compliance(on_time: int, late: int, skipped: int) -> float | None:
    """Return the share of moments that had their run on time; None without any."""
    moments = on_time + late + skipped
    return on_time / moments if moments else None


def skips_by_hour(after: float, every_seconds: float, count: int) -> dict[int, int]:
    """Return in which hours the ``count`` moments that follow this one lie.

    Hours are told by the second at which they begin, since 1970.
    """
    found: dict[int, int] = {}
    done = 0
    while done < count:
        at = after + (done + 1) * every_seconds
        hour = hour_of(at)
        # The last of them that is still within this hour.
        last = math.ceil((hour + HOUR_SECONDS - after) / every_seconds) - 1
        upto = min(count, max(last, done + 1))
        found[hour] = found.get(hour, 0) + upto - done
        done = upto
    return found


def hour_of(moment: float) -> int:
    """Return the second at which the moment's hour began, since 1970."""
    return int(moment // HOUR_SECONDS) * HOUR_SECONDS
