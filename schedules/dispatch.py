"""Starts the jobs of users' schedules. Any number of beats and workers may do so."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from sqlalchemy import Connection

from db import cancellation, scheduling
from db.announcement import announce
from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.repositories import schedules
from db.scheduling import Dealt

logger = logging.getLogger(__name__)

BATCH = 100
MAX_BATCHES = 20
"""Of a tick: what is left is the next one's."""

Find = Callable[..., list[tuple[str, float]]]
Deal = Callable[[Connection, str, float], Dealt | None]


def dispatch(backplane: Backplane) -> None:
    """Deal with every due time that has come, and with those that need not wait."""
    with suppress(UnavailableError):
        backplane.presence.tell_tick()
    large = backplane.settings.large_order
    start = partial(scheduling.start_waiting, large_order=large)
    _deal(backplane, schedules.waiting_schedules, start)
    step = partial(scheduling.take_step, large_order=large)
    _deal(backplane, schedules.due_schedules, step)


def _deal(backplane: Backplane, find: Find, deal: Deal) -> None:
    faulty: set[str] = set()
    for _ in range(MAX_BATCHES):
        with backplane.database.reading() as connection:
            found = find(connection, limit=BATCH + len(faulty))
        for schedule_id, due_at in found:
            if schedule_id not in faulty and not _try(
                backplane, deal, schedule_id, due_at
            ):
                faulty.add(schedule_id)
        if len(found) <= len(faulty):
            return


def _try(backplane: Backplane, deal: Deal, schedule_id: str, due_at: float) -> bool:
    """Deal with one due time; return False if that failed, as it must not for all."""
    try:
        with backplane.database.transaction() as connection:
            dealt = deal(connection, schedule_id, due_at)
    except UnavailableError:
        raise
    except Exception:
        # One that cannot be dealt with must not stand in the way of all others.
        logger.exception(
            "schedule failed",
            extra={"action": "schedule_failed", "schedule_id": schedule_id},
        )
        return False
    if dealt is not None:
        _tell(backplane, schedule_id, dealt)
    return True


def _tell(backplane: Backplane, schedule_id: str, dealt: Dealt) -> None:
    for each in dealt.stopping:
        cancellation.tell(backplane, each)
    if dealt.accepted is not None:
        job_id = dealt.accepted.job.id
        logger.info(
            "schedule started a job",
            extra={
                "action": "schedule_started",
                "schedule_id": schedule_id,
                "job_id": job_id,
            },
        )
        announce(backplane, [dealt.accepted])
