"""Records what comes of each run: when it was expected, when it began, how it ended.

The record never stands in the way of the run: where the database is away, the run does
what it can, and its absence from the record shows as a skip.
"""

import logging
import time
from collections.abc import Callable

from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.repositories import beat_runs
from db.repositories.beat_runs import Ended
from schedules.beat import Schedule

logger = logging.getLogger(__name__)

LONG_PERIOD_SECONDS = 60.0
"""One that comes so seldom may take long, and says when it begins as well."""
MAX_ERROR = 500


def run_recorded(
    schedule: Schedule,
    work: Callable[[Backplane], None],
    backplane: Backplane,
    sent_at: float | None,
) -> None:
    """Run the schedule's function and record that; its error goes on.

    ``sent_at`` is when beat sent for it, None if somebody else did.
    """
    if schedule.every_seconds >= LONG_PERIOD_SECONDS:
        _tell_begun(schedule, backplane)
    begun = time.monotonic()
    try:
        work(backplane)
    except Exception as error:
        _record(schedule, backplane, sent_at, begun, error)
        raise
    _record(schedule, backplane, sent_at, begun, None)


def _tell_begun(schedule: Schedule, backplane: Backplane) -> None:
    try:
        with backplane.database.transaction() as connection:
            beat_runs.note_begun(connection, schedule.name)
    except UnavailableError as away:
        _tell_unrecorded(schedule, away)


def _record(
    schedule: Schedule,
    backplane: Backplane,
    sent_at: float | None,
    begun: float,
    error: Exception | None,
) -> None:
    ended = Ended(
        name=schedule.name,
        every_seconds=schedule.every_seconds,
        sent_at=sent_at,
        duration_seconds=time.monotonic() - begun,
        error_type=None if error is None else type(error).__name__,
        error=None if error is None else str(error)[:MAX_ERROR],
    )
    latest = backplane.settings.beat_runs_latest
    try:
        with backplane.database.transaction() as connection:
            beat_runs.record(connection, ended, latest=latest)
    except UnavailableError as away:
        _tell_unrecorded(schedule, away)


def _tell_unrecorded(schedule: Schedule, away: UnavailableError) -> None:
    logger.warning(
        "run not recorded",
        extra={"action": "beat_run_unrecorded", "schedule": schedule.name},
        exc_info=away,
    )
