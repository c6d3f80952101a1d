"""Raises alerts, in the transaction that records what they are about, and ends them.

A rule's standing with a subject is a row, and whoever judges holds it: what two
processes see is raised by one. What is told is written with it, as a notice and a
notification; the caller tells it after the commit by `announcement.tell_noted`.
"""

import math
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from db.contracts.alert import (
    NATURES,
    AlertAcknowledged,
    AlertKind,
    AlertRaised,
    AlertResolved,
    Resolution,
    Severity,
)
from db.contracts.channel import ChannelName
from db.contracts.event import EventType, timestamp
from db.contracts.notification import OPERATORS, Level, NewNotification
from db.contracts.threshold import Change, Lasting, ThresholdState
from db.engine import now
from db.judgement import judge_lasting
from db.models import Alert, AlertRule, AlertStanding, Provider
from db.repositories import (
    alert_measures,
    alert_rules,
    alert_standings,
    alerts,
    notices,
    notifications,
)
from db.repositories.alert_measures import Around, Looked, Measured
from db.repositories.alerts import NewAlert
from db.repositories.notices import Noted
from db.repositories.provider_checks import Recorded

TYPE = "alert"
LEVELS: dict[Severity, Level] = {
    Severity.INFO: Level.INFO,
    Severity.WARNING: Level.WARNING,
    Severity.CRITICAL: Level.ERROR,
}
"""As notifications tell of it."""
SILENT_SECONDS = 3600.0
"""A host that has not told of its disk for so long is not watched any more."""


def on_check(connection: Connection, recorded: Recorded) -> list[Noted]:
    """Judge what a check that has just been recorded says of its provider.

    Call it in that transaction. Returns what is to be told after the commit.
    """
    provider = recorded.provider
    noted = _judge_state(connection, provider)
    if recorded.crossed:
        found = [
            alert_measures.budget_measured(provider.id, provider.name, usage)
            for usage in recorded.crossed
        ]
        kind = AlertKind.BUDGET
        for rule in alert_rules.about(connection, kind, provider.id, provider.category):
            noted += _judge_these(connection, rule, found)
    return noted


def _judge_state(connection: Connection, provider: Provider) -> list[Noted]:
    kind = AlertKind.STATE
    rules = alert_rules.about(connection, kind, provider.id, provider.category)
    if not any(provider.state in alert_rules.states_of(each) for each in rules):
        subject = alert_measures.subject_of(provider.id)
        ids = [each.id for each in rules]
        if not alert_standings.rules_about(connection, subject, ids):
            return []
    noted: list[Noted] = []
    for rule in rules:
        states = alert_rules.states_of(rule)
        found = alert_measures.state_measured(provider, states)
        noted += _judge_these(connection, rule, [found])
    return noted


def _judge_these(
    connection: Connection, rule: AlertRule, found: Sequence[Measured]
) -> list[Noted]:
    """Judge what has just happened to these subjects of a rule."""
    held = {}
    for each in sorted(found, key=lambda each: each.subject):
        is_seen = _is_seen(rule, each)
        standing = alert_standings.hold_one(
            connection, rule.id, each.subject, is_made=is_seen
        )
        if standing is not None:
            held[each.subject] = standing
    if not held:
        return []
    # By the clock of the transaction that holds them, not of the call.
    at = connection.execute(select(now())).scalar_one()
    return _judge_all(connection, rule, held, found, at, is_new=True)


def glance(
    connection: Connection, rule: AlertRule, around: Around, at: float
) -> set[str] | None:
    """Return what a rule has to judge now; None if nobody can know.

    That is what is beyond the limit, and what was. It only reads.
    """
    known = alert_standings.known(connection, rule)
    found = _look(connection, rule, around, at, known)
    if found is None:
        return None
    return set(known) | {each.subject for each in found if _is_seen(rule, each)}


def on_look(
    connection: Connection, rule_id: str, around: Around, subjects: Collection[str]
) -> list[Noted]:
    """Judge these subjects of a rule; return what is to be told after the commit."""
    rule = alert_rules.hold(connection, rule_id)
    if rule is None:
        return []
    at = connection.execute(select(now())).scalar_one()
    alert_rules.set_judged(connection, rule.id, at)
    if not subjects:
        return []
    held = alert_standings.hold(connection, rule.id, subjects)
    known = {subject: alert_standings.raised_at(each) for subject, each in held.items()}
    # Looked at again, now that nobody else judges them: a glance may be too old.
    at = connection.execute(select(now())).scalar_one()
    only = frozenset(map(alert_measures.provider_of, held))
    found = _look(connection, rule, around, at, known, only)
    if found is None:
        return []
    is_new = rule.kind != AlertKind.STATE
    noted = _judge_all(connection, rule, held, found, at, is_new=is_new)
    measured = {each.subject for each in found}
    gone = {
        subject
        for subject, each in held.items()
        if subject not in measured and _is_gone(rule, each, at)
    }
    noted += _end_watching(connection, rule, gone, at)
    quiet = {each.subject for each in found if not _is_seen(rule, each)}
    alert_standings.forget_quiet(connection, rule, quiet, at=at)
    if rule.muted_until is not None and rule.muted_until <= at:
        noted += _tell_muted(connection, rule)
    return noted


def retire(connection: Connection, unwatched: Sequence[Alert]) -> list[Noted]:
    """End alerts whose rules are paused or gone."""
    at = connection.execute(select(now())).scalar_one()
    noted: list[Noted] = []
    for alert in sorted(unwatched, key=lambda each: (each.rule_id, each.subject)):
        # First the standing, as everybody does.
        alert_standings.disarm(connection, alert.rule_id, alert.subject)
        noted += _resolve(connection, alert, Resolution.NOT_WATCHED, at)
    return noted


def retire_all_of(connection: Connection, rule_id: str) -> list[Noted]:
    """End the alerts of a rule that is about to be paused or removed; hold it."""
    return retire(connection, list(alerts.open_of(connection, rule_id).values()))


def acknowledge(
    connection: Connection, alert_id: str, *, by: str, note: str
) -> tuple[Alert, list[Noted]]:
    """Note that an operator knows of it; who was first stays."""
    found = alerts.acknowledge(connection, alert_id, by=by, note=note or None)
    if found is None:
        return alerts.get(connection, alert_id), []
    told = AlertAcknowledged(
        **_raised(found).model_dump(),
        acknowledged_by=by,
        acknowledged_at=timestamp(found.acknowledged_at or 0.0),
        note=note,
    )
    return found, [_note(connection, EventType.ALERT_ACKNOWLEDGED, told)]


def resolve(
    connection: Connection, alert_id: str, *, by: str, note: str
) -> tuple[Alert, list[Noted]]:
    """End an alert because an operator says so; one that has ended stays as it is."""
    at = connection.execute(select(now())).scalar_one()
    found = alerts.get(connection, alert_id)
    # First the standing, as everybody does: nobody waits for each other in a circle.
    alert_standings.disarm(connection, found.rule_id, found.subject)
    noted = _resolve(connection, found, Resolution.BY_HAND, at, by=by, note=note)
    return alerts.get(connection, alert_id), noted


def _look(
    connection: Connection,
    rule: AlertRule,
    around: Around,
    at: float,
    known: Mapping[str, float | None],
    only: frozenset[str] | None = None,
) -> list[Measured] | None:
    looked = Looked(rule=rule, known=known, at=at, around=around, only=only)
    return alert_measures.measured(connection, looked)


def _is_seen(rule: AlertRule, found: Measured) -> bool:
    """Return whether it is worth a row: it is beyond the limit, or to be missed."""
    limit = _limit(rule, found)
    if NATURES[AlertKind(rule.kind)].is_below:
        return found.is_remembered or found.value < limit
    return found.value >= limit


def _is_gone(rule: AlertRule, standing: AlertStanding, at: float) -> bool:
    if rule.kind != AlertKind.DISK:
        return True
    return standing.judged_at is None or at - standing.judged_at > SILENT_SECONDS


def _limit(rule: AlertRule, found: Measured) -> float:
    limit = found.limit if rule.value is None else rule.value
    assert limit is not None, "a rule without a value is about what has its own"
    return limit


def _judge_all(
    connection: Connection,
    rule: AlertRule,
    held: Mapping[str, AlertStanding],
    found: Sequence[Measured],
    at: float,
    *,
    is_new: bool,
) -> list[Noted]:
    noted: list[Noted] = []
    judged: list[tuple[str, Lasting]] = []
    for each in found:
        if each.subject not in held:
            continue
        before = alert_standings.lasting_of(held[each.subject])
        as_rule = alert_rules.rule_of(rule, _limit(rule, each))
        # What is held is newer than what was judged before, whatever clocks say.
        last = before.standing.judged_at
        moment = at if last is None else max(at, math.nextafter(last, math.inf))
        seen, change = judge_lasting(
            as_rule, before, each.value, moment, for_s=rule.for_s
        )
        judged.append((each.subject, seen))
        if change is Change.RAISED:
            noted += _raise(connection, rule, each, at)
        elif change is Change.RESOLVED:
            noted += _over(connection, rule, each, at)
        elif is_new and seen.standing.state is ThresholdState.RAISED:
            alerts.repeat(connection, rule.id, each.subject, value=each.value, at=at)
    alert_standings.keep(connection, rule.id, judged)
    return noted


def _raise(
    connection: Connection, rule: AlertRule, found: Measured, at: float
) -> list[Noted]:
    is_muted = rule.muted_until is not None and rule.muted_until > at
    alert = alerts.add(
        connection,
        NewAlert(
            rule=rule,
            subject=found.subject,
            provider_id=found.provider_id,
            provider=found.provider,
            message=f"{rule.name}: {found.text}",
            value=found.value,
            limit=None if rule.kind == AlertKind.STATE else _limit(rule, found),
            data=found.data,
            at=at,
            told=not is_muted,
        ),
    )
    return [] if is_muted else _tell_raised(connection, alert)


def _over(
    connection: Connection, rule: AlertRule, found: Measured, at: float
) -> list[Noted]:
    alert = alerts.open_about(connection, rule.id, found.subject)
    if alert is None:
        return []
    return _resolve(connection, alert, Resolution.OVER, at, text=found.text)


def _end_watching(
    connection: Connection,
    rule: AlertRule,
    gone: Collection[str],
    at: float,
) -> list[Noted]:
    """End what was raised about subjects that there are no more, and forget them."""
    noted: list[Noted] = []
    raised = alerts.open_of(connection, rule.id) if gone else {}
    for subject in sorted(gone):
        if subject in raised:
            alert = raised[subject]
            noted += _resolve(connection, alert, Resolution.NOT_WATCHED, at)
    alert_standings.forget(connection, rule.id, gone)
    return noted


def _tell_muted(connection: Connection, rule: AlertRule) -> list[Noted]:
    """Tell of what was raised while the rule was muted, and is not over."""
    noted: list[Noted] = []
    for _, alert in sorted(alerts.open_of(connection, rule.id).items()):
        if not alert.told and alerts.set_told(connection, alert.id):
            noted += _tell_raised(connection, alert)
    return noted


def _resolve(
    connection: Connection,
    alert: Alert,
    resolution: Resolution,
    at: float,
    *,
    by: str | None = None,
    note: str | None = None,
    text: str = "",
) -> list[Noted]:
    ended = alerts.resolve(connection, alert, resolution, at=at, by=by, note=note)
    if ended is None or not ended.told:
        return []
    why = {
        Resolution.OVER: f"over: {text}",
        Resolution.BY_HAND: f"resolved by {by}",
        Resolution.NOT_WATCHED: "nothing more is seen of it",
    }[resolution]
    told = AlertResolved(
        **_raised(ended).model_dump(exclude={"message"}),
        message=f"{ended.rule_name}: {why}",
        resolution=resolution.value,
        resolved_at=timestamp(at),
        lasted_s=round(at - ended.created_at, 3),
        count=ended.count,
    )
    noted = [_note(connection, EventType.ALERT_RESOLVED, told)]
    return noted + _notify(connection, told, "resolved", Level.INFO)


def _tell_raised(connection: Connection, alert: Alert) -> list[Noted]:
    told = _raised(alert)
    noted = [_note(connection, EventType.ALERT_RAISED, told)]
    level = LEVELS[Severity(alert.severity)]
    return noted + _notify(connection, told, "raised", level)


def _notify(
    connection: Connection, told: AlertRaised, word: str, level: Level
) -> list[Noted]:
    written = notifications.write(
        connection,
        NewNotification(
            cause=f"{told.id}.{word}",
            owner=OPERATORS,
            type=f"{TYPE}_{word}",
            level=level,
            channel=ChannelName.ALERTS,
            message=told.message,
            subject=told.id,
            data=told.model_dump(exclude_none=True),
        ),
    )
    return [] if written is None else [written]


def _note(connection: Connection, type_: EventType, told: AlertRaised) -> Noted:
    return notices.note(connection, type_, told, owner=OPERATORS, subject=told.id)


def _raised(alert: Alert) -> AlertRaised:
    return AlertRaised(
        id=alert.id,
        rule=alert.rule_name,
        rule_id=alert.rule_id,
        alert_type=alert.kind,
        severity=alert.severity,
        subject=alert.subject,
        provider=alert.provider,
        provider_id=alert.provider_id,
        message=alert.message,
        value=alert.value,
        limit=alert.limit,
        raised_at=timestamp(alert.created_at),
    )
