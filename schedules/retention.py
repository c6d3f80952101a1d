"""Lets go of what has been kept long enough."""

import logging

from db.backplane import Backplane
from db.repositories import jobs, schedule_runs

logger = logging.getLogger(__name__)

BATCH = 500
SECONDS_A_DAY = 86_400.0


def forget_old_jobs(backplane: Backplane) -> None:
    """Delete jobs that ended more than ``retention_days`` ago, in small steps."""
    kept_seconds = backplane.settings.retention_days * SECONDS_A_DAY
    deleted = BATCH
    total = 0
    while deleted == BATCH:
        with backplane.database.transaction() as connection:
            moment = jobs.database_time(connection) - kept_seconds
            deleted = jobs.delete_ended_before(connection, moment, limit=BATCH)
        total += deleted
    logger.info("forgot jobs", extra={"action": "jobs_forgotten", "count": total})


def forget_old_runs(backplane: Backplane) -> None:
    """Delete what came of due times more than ``retention_days`` ago."""
    kept_seconds = backplane.settings.retention_days * SECONDS_A_DAY
    deleted = BATCH
    total = 0
    while deleted == BATCH:
        with backplane.database.transaction() as connection:
            moment = jobs.database_time(connection) - kept_seconds
            deleted = schedule_runs.delete_before(connection, moment, limit=BATCH)
        total += deleted
    logger.info("forgot runs", extra={"action": "runs_forgotten", "count": total})
