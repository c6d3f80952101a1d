"""Lets go of what has been kept long enough.

A job that has ended is kept whole for a while, then its small record and certificate,
then nothing of it. Every step is a small transaction of its own; what could not go now
goes an hour later.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from db.backplane import Backplane
from db.contracts.errors import StreamUnavailableError
from db.contracts.kinds import KINDS
from db.contracts.kinds.calculate import CALCULATE
from db.models import (
    ProviderChange,
    ProviderCheck,
    ProviderCollection,
    ProviderUsage,
)
from db.repositories import (
    alerts,
    beat_runs,
    deliveries,
    idempotency,
    jobs,
    kept,
    live_calculations,
    market,
    notices,
    notifications,
    outcomes,
    provider_checks,
    provider_statistics,
    schedule_runs,
    thresholds,
    turns,
)
from db.repositories.kept import DueJob, FindDue

logger = logging.getLogger(__name__)

PORTION = 500
SECONDS_A_DAY = 86_400.0
KEY_SECONDS = SECONDS_A_DAY
"""How long a repeated request is known by its idempotency key."""

RECEIVER_SECONDS = 7 * SECONDS_A_DAY
"""How long a receiver counts as silent if nothing is sent there any more."""


def forget(backplane: Backplane) -> None:
    """Remove old results, delete old records, forget old keys and absent callers."""
    settings = backplane.settings
    for kind in KINDS:
        whole_days = settings.retention_days.of(kind)
        record_days = max(whole_days, settings.record_retention_days.of(kind))
        _tell("results_removed", kind, _remove_results(backplane, kind, whole_days))
        _tell("jobs_deleted", kind, _delete_records(backplane, kind, record_days))
    _forget_hours(backplane)
    with backplane.database.transaction() as connection:
        keys = idempotency.forget_keys(connection, older_than_seconds=KEY_SECONDS)
        turns.forget_absent(connection)
    _tell("keys_forgotten", "", keys)
    _forget_owed(backplane)
    _forget_ticks(backplane)
    _forget_checks(backplane)


def _forget_owed(backplane: Backplane) -> None:
    """Give up what was held for webhooks long enough, and forget what was told."""
    settings = backplane.settings
    held_seconds = settings.webhook_hold_days * SECONDS_A_DAY
    told_seconds = settings.retention_days.usual * SECONDS_A_DAY
    with backplane.database.transaction() as connection:
        expired = deliveries.expire_owed(connection, older_than_seconds=held_seconds)
        deliveries.forget_of_notices(connection, older_than_seconds=told_seconds)
        notices.forget_notices(connection, older_than_seconds=told_seconds)
        outcomes.forget_receivers(connection, older_than_seconds=RECEIVER_SECONDS)
        notified = notifications.forget(
            connection,
            older_than_seconds=settings.notification_days * SECONDS_A_DAY,
        )
        resolved = alerts.forget(
            connection, older_than_seconds=settings.alert_days * SECONDS_A_DAY
        )
    _tell("deliveries_expired", "", expired)
    _tell("notifications_forgotten", "", notified)
    _tell("alerts_forgotten", "", resolved)


def _forget_ticks(backplane: Backplane) -> None:
    """Forget what the market feed told, and calculations that were bound to it."""
    kept_seconds = backplane.settings.market_retention_days * SECONDS_A_DAY
    with backplane.database.transaction() as connection:
        ticks = market.forget_ticks(connection, older_than_seconds=kept_seconds)
        live = live_calculations.forget_expired(
            connection, older_than_seconds=kept_seconds
        )
        # Nothing can raise them any more, and each counts against its owner's limit.
        unwatchable = thresholds.forget_unwatchable(connection)
    _tell("ticks_forgotten", "", ticks)
    _tell("thresholds_forgotten", "", unwatchable)
    _tell("live_calculations_forgotten", "", live)
    kind, days = CALCULATE.name, backplane.settings.live_job_days

    def let_go(due: Sequence[DueJob]) -> list[str]:
        return _delete(backplane, [job.id for job in due])

    gone = _for_all_due(backplane, kind, days, kept.due_of_the_feed, let_go)
    _tell("live_jobs_deleted", kind, gone)


def _forget_checks(backplane: Backplane) -> None:
    """Forget what was seen of providers."""
    settings = backplane.settings
    seen_days, change_days = settings.provider_check_days, settings.provider_change_days
    for table, days in (
        (ProviderCheck, seen_days),
        (ProviderCollection, seen_days),
        (ProviderUsage, seen_days),
        (ProviderChange, max(seen_days, change_days)),
    ):
        total, deleted = 0, PORTION
        while deleted == PORTION:
            with backplane.database.transaction() as connection:
                deleted = provider_checks.forget(
                    connection,
                    table,
                    older_than_seconds=days * SECONDS_A_DAY,
                    limit=PORTION,
                )
            total += deleted
        _tell("checks_forgotten", table.__tablename__, total)


def _forget_hours(backplane: Backplane) -> None:
    """Forget what the checks of hours long ago have come to."""
    kept_seconds = backplane.settings.provider_hour_days * SECONDS_A_DAY
    with backplane.database.transaction() as connection:
        hours = provider_statistics.forget_hours(
            connection, older_than_seconds=kept_seconds
        )
    _tell("provider_hours_forgotten", "", hours)


def forget_old_runs(backplane: Backplane) -> None:
    """Delete what came of due times longer ago than results usually are kept."""
    kept_seconds = backplane.settings.retention_days.usual * SECONDS_A_DAY
    deleted = PORTION
    total = 0
    while deleted == PORTION:
        with backplane.database.transaction() as connection:
            moment = jobs.database_time(connection) - kept_seconds
            deleted = schedule_runs.delete_before(connection, moment, limit=PORTION)
        total += deleted
    _tell("runs_forgotten", "", total)
    with backplane.database.transaction() as connection:
        of_beat = beat_runs.forget(
            connection,
            older_than_seconds=backplane.settings.beat_run_days * SECONDS_A_DAY,
            noted=backplane.settings.beat_runs_noted,
        )
    _tell("beat_runs_forgotten", "", of_beat)


def _remove_results(backplane: Backplane, kind: str, days: float) -> int:
    """Remove what is large of jobs that ended so long ago; return of how many."""

    def let_go(due: Sequence[DueJob]) -> list[str]:
        ready = [
            job.id
            for job in due
            if not job.is_family or _remove_results_of_children(backplane, job.id)
        ]
        _remove(backplane, ready)
        return ready

    return _for_all_due(backplane, kind, days, kept.due_for_removal, let_go)


def _remove_results_of_children(backplane: Backplane, parent_id: str) -> bool:
    """Return whether no child has a result left, so that its parent's may go."""
    while True:
        with backplane.database.reading() as connection:
            children = kept.children_with_results(connection, parent_id, limit=PORTION)
            if not children:
                return not kept.has_results_left(connection, parent_id)
        _remove(backplane, children)


def _remove(backplane: Backplane, job_ids: Sequence[str]) -> None:
    with backplane.database.transaction() as connection:
        kept.remove_results(connection, job_ids)
    _forget_logs(backplane, job_ids)


def _delete_records(backplane: Backplane, kind: str, days: float) -> int:
    """Delete jobs that ended so long ago, children first; return how many."""

    def let_go(due: Sequence[DueJob]) -> list[str]:
        ready = [
            job.id
            for job in due
            if not job.is_family or _delete_children(backplane, job.id)
        ]
        return _delete(backplane, ready)

    return _for_all_due(backplane, kind, days, kept.due_for_deletion, let_go)


def _delete_children(backplane: Backplane, parent_id: str) -> bool:
    """Return whether none is left, so that the parent may go."""
    while True:
        with backplane.database.reading() as connection:
            children = kept.children_of(connection, parent_id, limit=PORTION)
        if not children:
            return True
        if len(_delete(backplane, children)) < len(children):
            # Some have still to tell others of their end: an hour later they have.
            return False


def _for_all_due(
    backplane: Backplane,
    kind: str,
    days: float,
    find: FindDue,
    let_go: Callable[[Sequence[DueJob]], list[str]],
) -> int:
    """Let all go that are due, a portion at a time; return how many could."""
    stuck: set[str] = set()
    count = 0
    while True:
        with backplane.database.reading() as connection:
            moment = jobs.database_time(connection) - days * SECONDS_A_DAY
            limit = PORTION + len(stuck)
            due = find(connection, kind, ended_before=moment, limit=limit)
        due = [job for job in due if job.id not in stuck]
        if not due:
            return count
        gone = let_go(due)
        stuck.update({job.id for job in due} - set(gone))
        count += len(gone)


def _delete(backplane: Backplane, job_ids: Sequence[str]) -> list[str]:
    with backplane.database.transaction() as connection:
        gone = kept.delete_ended(connection, job_ids)
    _forget_logs(backplane, gone)
    return gone


def _forget_logs(backplane: Backplane, job_ids: Sequence[str]) -> None:
    # While it is away: the logs of ended jobs expire there by themselves.
    with suppress(StreamUnavailableError):
        backplane.stream.forget(job_ids)


def _tell(action: str, kind: str, count: int) -> None:
    logger.info("forgot", extra={"action": action, "kind": kind, "count": count})
