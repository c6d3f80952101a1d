"""Thresholds, applied to numbers as they come: the one place that raises them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from db.contracts.json_pointer import number_at
from db.contracts.notification import Level, NewNotification
from db.contracts.threshold import (
    Change,
    Condition,
    Rule,
    Standing,
    Verdict,
    Watched,
)
from db.judgement import judge
from db.models import Threshold
from db.repositories import notifications, thresholds
from db.repositories.notices import Noted

TYPE = "threshold"


def apply_thresholds(
    connection: Connection,
    source: str,
    values: Mapping[str, Any],
    at: float,
    *,
    owner: str | None = None,
) -> list[Noted]:
    """Judge the numbers of a source at a moment; return what is to be told of them.

    Call it in the transaction that records them, and `tell_noted` after. ``owner`` is
    whose they are, and nobody else's rules see them; None is everyone's. Two processes
    may judge the same numbers: each rule is raised by one of them.
    """
    judged: list[tuple[Threshold, Standing]] = []
    missed: list[str] = []
    told: list[NewNotification] = []
    for found in thresholds.watching(connection, source, owner=owner):
        value = number_at(values, found.pointer)
        if value is None:
            missed.append(found.id)
            continue
        before = thresholds.standing_of(found)
        verdict = judge(thresholds.rule_of(found), before, value, at)
        if verdict.standing is not before:
            judged.append((found, verdict.standing))
        if verdict.change is not Change.NOTHING:
            told.append(_notification(found, verdict, value, at))
    thresholds.keep(connection, judged)
    thresholds.miss(connection, missed, at=at)
    written = [notifications.write(connection, each) for each in told]
    return [each for each in written if each is not None]


def _notification(
    found: Threshold, verdict: Verdict, value: float, at: float
) -> NewNotification:
    rule, watched = thresholds.rule_of(found), thresholds.watched_of(found)
    is_raised = verdict.change is Change.RAISED
    what = watched.pointer.removeprefix("/")
    told = _beyond(rule, found.reference) if is_raised else "within its limit again"
    limits = {"value": rule.value, "low": rule.low, "high": rule.high}
    return NewNotification(
        cause=f"{found.id}.{found.version + 1}",
        owner=found.owner,
        type=TYPE,
        level=Level(found.level) if is_raised else Level.INFO,
        channel=watched.kind.channel,
        message=f"{found.name}: {what} is {value:.12g}, {told}",
        subject=found.id,
        data={
            "threshold": found.id,
            "name": found.name,
            "state": verdict.change.value,
            **_of(watched),
            "condition": rule.condition.value,
            "value": value,
            "limit": {name: each for name, each in limits.items() if each is not None},
            "at": at,
        },
    )


def _of(watched: Watched) -> dict[str, str]:
    named = {"watches": watched.named}
    return named if watched.kind.fields else named | {"pointer": watched.pointer}


def _beyond(rule: Rule, reference: float | None) -> str:
    match rule.condition:
        case Condition.ABOVE:
            return f"above {rule.value:.12g}"
        case Condition.BELOW:
            return f"below {rule.value:.12g}"
        case Condition.OUTSIDE:
            return f"outside {rule.low:.12g} to {rule.high:.12g}"
        case Condition.CHANGE_BY:
            return f"and was {reference:.12g}"
