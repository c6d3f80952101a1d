"""Looks at all that rules of alerts watch over time. Any number may look at once."""

import logging
import shutil

from db import alarm
from db.announcement import tell_noted
from db.backplane import Backplane
from db.contracts.alert import NATURES, AlertKind
from db.contracts.budget import Usage
from db.contracts.errors import UnavailableError
from db.models import AlertRule
from db.repositories import alert_rules, alerts, jobs, providers
from db.repositories.alert_measures import Around, Disk

logger = logging.getLogger(__name__)

UNWATCHED_AT_ONCE = 500


def watch(backplane: Backplane) -> None:
    """Judge every rule whose turn it is, and end what nobody watches any more."""
    if not backplane.settings.alerts:
        return
    _ensure_usual(backplane)
    _retire(backplane)
    around = look_around(backplane)
    with backplane.database.reading() as connection:
        rules, at = alert_rules.judged(connection)
    for rule in rules:
        if rule.judged_at is None or at >= rule.judged_at + _every_s(rule):
            _try(backplane, rule, around)


def look_around(backplane: Backplane) -> Around:
    """Return what the database does not know of this moment."""
    try:
        workers = backplane.presence.workers()
    except UnavailableError:
        # Then nobody knows, and nothing is said of them.
        workers = None
    home = backplane.settings.home
    budgets = _budgets(backplane)
    usage = shutil.disk_usage(home if home.exists() else home.absolute().parent)
    return Around(
        workers=workers,
        disk=Disk(host=backplane.settings.host, free=usage.free, total=usage.total),
        budgets=budgets,
    )


def _budgets(backplane: Backplane) -> dict[str, tuple[Usage, ...]] | None:
    """Return how budgets stand; None while each process knows only its own calls."""
    with backplane.database.reading() as connection:
        at = jobs.database_time(connection)
        limits = providers.limits_by_id(connection)
    usages = backplane.budgets.read(limits.items(), at)
    if not backplane.budgets.is_shared:
        return None
    return dict(zip(limits, usages, strict=True))


def _ensure_usual(backplane: Backplane) -> None:
    with backplane.database.reading() as connection:
        has_all = alert_rules.has_usual(connection)
    if not has_all:
        with backplane.database.transaction() as connection:
            alert_rules.ensure_usual(connection)


def _retire(backplane: Backplane) -> None:
    with backplane.database.reading() as connection:
        found = alerts.unwatched(connection, limit=UNWATCHED_AT_ONCE)
    if found:
        with backplane.database.transaction() as connection:
            noted = alarm.retire(connection, found)
        tell_noted(backplane, noted)


def _try(backplane: Backplane, rule: AlertRule, around: Around) -> None:
    try:
        _judge(backplane, rule, around)
    except UnavailableError:
        raise
    except Exception:
        # One that cannot be judged must not stand in the way of all others.
        logger.exception(
            "alert rule failed",
            extra={"action": "alert_rule_failed", "rule_id": rule.id},
        )


def _judge(backplane: Backplane, rule: AlertRule, around: Around) -> None:
    with backplane.database.reading() as connection:
        at = jobs.database_time(connection)
        subjects = alarm.glance(connection, rule, around, at)
    # Nobody waits for the lock of writers where there is nothing to write.
    if subjects is None or not (subjects or _every_s(rule)):
        return
    with backplane.database.transaction() as connection:
        noted = alarm.on_look(connection, rule.id, around, subjects)
    tell_noted(backplane, noted)


def _every_s(rule: AlertRule) -> float:
    return NATURES[AlertKind(rule.kind)].every_s
