"""Checks of the parts that are processes of the service: who lives, and how late.

Each says in `response_ms` what it is judged by: the broker's the time of its answer,
beat's how late it is, the relay's how long an event takes to the sockets.
"""

import logging
import time

from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.contracts.job_kind import Queue
from db.contracts.provider import CheckOutcome, ErrorType, Seen
from schedules.beat import SCHEDULES

logger = logging.getLogger(__name__)

OF_SOLVES = (Queue.INTERACTIVE, Queue.STANDARD, Queue.BULK)
"""Queues in which jobs would wait for ever without a worker."""
TICKS = SCHEDULES["dispatch"].every_seconds
"""How often beat ticks: with each start of this schedule."""


def check_broker(backplane: Backplane) -> Seen:
    """Connect to the broker."""
    started = time.monotonic()
    try:
        backplane.broker.ping()
    except Exception as error:
        # Each broker has errors of its own, and all of them mean the same here.
        logger.debug("broker away", extra={"action": "part_failed"}, exc_info=True)
        return _failed(
            f"the broker takes no connection: {type(error).__name__}",
            response_ms=_ms_since(started),
        )
    return _well(_ms_since(started))


def check_workers(backplane: Backplane) -> Seen:
    """See whether workers live that take jobs of every queue."""
    started = time.monotonic()
    try:
        workers = backplane.presence.workers()
    except UnavailableError as error:
        return _unknown(error)
    taken = {queue for worker in workers for queue in worker.queues}
    lacking = [queue.value for queue in OF_SOLVES if queue.value not in taken]
    if len(lacking) == len(OF_SOLVES):
        return _failed("no worker lives that takes jobs: they wait")
    if lacking:
        return _partly(f"nobody takes jobs of {' and '.join(lacking)}: they wait")
    return _well(_ms_since(started))


def check_beat(backplane: Backplane) -> Seen:
    """See how long ago beat ticked last, and a courier heard it."""
    try:
        age_s = backplane.presence.tick_age_s()
    except UnavailableError as error:
        return _unknown(error)
    if age_s is None:
        return _failed("beat has not ticked lately, or no courier hears it")
    return _well(round(max(0.0, age_s - TICKS) * 1000, 3))


def check_relay(backplane: Backplane) -> Seen:
    """See how long events take to the sockets of the slowest API process."""
    try:
        took = backplane.presence.relays()
    except UnavailableError as error:
        return _unknown(error)
    if not took:
        return _failed("no API process tells of its relay")
    heard = [each for each in took.values() if each is not None]
    deaf = len(took) - len(heard)
    if not heard:
        return _failed("no API process hears the events of the stream")
    if deaf:
        return _partly(f"{deaf} of {len(took)} API processes hear no events")
    return _well(max(heard))


def _well(response_ms: float) -> Seen:
    return Seen(outcome=CheckOutcome.SUCCESS, response_ms=response_ms)


def _failed(error: str, *, response_ms: float | None = None) -> Seen:
    return Seen(
        outcome=CheckOutcome.FAILED,
        response_ms=response_ms,
        error_type=ErrorType.PART,
        error=error,
    )


def _partly(error: str) -> Seen:
    """Return what shows a part degraded: it answers, but not as it should."""
    return Seen(outcome=CheckOutcome.FAILED, error_type=ErrorType.CONTENT, error=error)


def _unknown(error: UnavailableError) -> Seen:
    return _failed(f"nobody can tell while Redis is away: {error.message}")


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)
