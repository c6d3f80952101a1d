"""Thresholds: what callers ask for, checked; and as they see it."""

import json
from typing import Any

from sqlalchemy import Connection

from api.instances import invalid
from api.outcome_numbers import leads_to_number, numbers_to_point_to
from api.schemas.threshold import (
    ThresholdInput,
    ThresholdLinks,
    ThresholdPatch,
    ThresholdView,
)
from db.contracts.calculations import CALCULATIONS
from db.contracts.caller import Caller
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.near_miss import did_you_mean
from db.contracts.notification import Level
from db.contracts.threshold import (
    NAME,
    SOURCES,
    Condition,
    Rule,
    ThresholdState,
    Watched,
)
from db.models import LiveCalculation, Threshold
from db.repositories import live_calculations
from db.repositories.jobs import database_time
from db.repositories.thresholds import NewThreshold, columns, watched_of

NEEDS = {
    Condition.ABOVE: ("value",),
    Condition.BELOW: ("value",),
    Condition.OUTSIDE: ("low", "high"),
    Condition.CHANGE_BY: ("value",),
}
"""What belongs to a condition, and nothing else does."""


def new_threshold(
    connection: Connection, given: ThresholdInput, *, caller: Caller
) -> NewThreshold:
    """Return the rule that a caller asks for; raise InvalidInputError if it is none."""
    watched = _watched(given)
    _check_there(connection, watched, owner=caller.name)
    return NewThreshold(
        owner=caller.name,
        name=given.name,
        watched=watched,
        rule=_rule(given),
        level=Level(given.level),
        enabled=given.enabled,
    )


def changes_of(
    connection: Connection, given: ThresholdPatch, found: Threshold
) -> dict[str, Any]:
    """Return the columns that a patch changes: the rule is checked as a whole.

    Whether what it watches is there is asked of what it is to watch from now on: a rule
    whose calculation has expired can still be renamed.
    """
    sent = given.model_dump(include=given.model_fields_set)
    watched = watched_of(found)
    stands = {
        name: getattr(found, name)
        for name in ThresholdInput.model_fields
        if name not in ("watches", "pointer")
    }
    pointer = None if watched.kind.fields else watched.pointer
    whole = stands | {"watches": watched.named, "pointer": pointer} | sent
    merged = ThresholdInput.model_validate(whole)
    wanted = _watched(merged)
    if wanted != watched:
        _check_there(connection, wanted, owner=found.owner)
    return columns(
        NewThreshold(
            owner=found.owner,
            name=merged.name,
            watched=wanted,
            rule=_rule(merged),
            level=Level(merged.level),
        )
    )


def _watched(given: ThresholdInput) -> Watched:
    kind, _, name = given.watches.partition(":")
    source = SOURCES.get(kind)
    if source is None:
        known = " and ".join(f"{each}:…" for each in SOURCES)
        raise invalid(
            "#/watches", "nothing of this sort can be watched", f"Send {known}."
        )
    if source.fields:
        if name not in source.fields:
            hint = did_you_mean(name, source.fields, before=f"{kind}:")
            raise invalid(
                "#/watches",
                f"{kind} has no such field",
                f"{hint}Its fields: {', '.join(source.fields)}.",
            )
        if given.pointer is not None:
            raise invalid("#/pointer", "a field needs no pointer", "Leave pointer out.")
        return Watched(kind, f"/{name}")
    if not NAME.fullmatch(name):
        raise invalid(
            "#/watches",
            f"this is not the id of a {kind}",
            f"Send {kind}: and its id, as it was given when it was made.",
        )
    if given.pointer is None:
        raise invalid(
            "#/pointer",
            "a required field is missing",
            "Say where in the outcome the number is, such as /npv.",
        )
    return Watched(given.watches, given.pointer)


def _check_there(connection: Connection, watched: Watched, *, owner: str) -> None:
    """Refuse what is nobody's, or another's, and a place that never has a number."""
    if watched.kind.fields:
        return
    live = _live_of(connection, watched.name, owner=owner)
    outcome = CALCULATIONS[live.calculation].outcome
    latest = None if live.outcome is None else json.loads(live.outcome)
    if leads_to_number(outcome, watched.pointer, latest):
        return
    there = numbers_to_point_to(outcome, latest, meant=watched.pointer)
    raise invalid(
        "#/pointer",
        f"there is no number in the outcome of {live.calculation}",
        f"Its numbers: {', '.join(there)}.",
    )


def _live_of(connection: Connection, live_id: str, *, owner: str) -> LiveCalculation:
    live = live_calculations.find_live(connection, live_id)
    if live is None or live.caller != owner or live.calculation not in CALCULATIONS:
        raise invalid(
            "#/watches",
            "you have no live calculation of this id",
            "GET /v1/live-calculations lists yours; POST makes one.",
        )
    if live.expires_at <= database_time(connection):
        raise invalid(
            "#/watches",
            "this live calculation has expired: it has no new numbers",
            "Make another with POST /v1/live-calculations, and watch that.",
        )
    return live


def _rule(given: ThresholdInput) -> Rule:
    condition = Condition(given.condition)
    needed = NEEDS[condition]
    for name in ("value", "low", "high"):
        is_given = getattr(given, name) is not None
        if is_given and name not in needed:
            raise invalid(
                f"#/{name}",
                f"{condition} has no {name}",
                f"Leave it out, or send null; {condition} goes by {_and(needed)}.",
            )
        if not is_given and name in needed:
            raise invalid(
                f"#/{name}",
                "a required field is missing",
                f"Add {name}: {condition} goes by {_and(needed)}.",
            )
    rule = Rule(
        condition=condition,
        value=given.value,
        low=given.low,
        high=given.high,
        hysteresis=given.hysteresis,
        cooldown_s=given.cooldown_s,
    )
    _check_numbers(rule)
    return rule


def _check_numbers(rule: Rule) -> None:
    """Refuse limits that nothing could be within, or that anything is beyond."""
    if rule.condition is Condition.CHANGE_BY:
        if not (rule.value or 0.0) > 0:
            raise invalid(
                "#/value", "no change is as small as that", "Send more than 0."
            )
        if rule.hysteresis:
            raise invalid(
                "#/hysteresis",
                "a change is measured anew once it was told",
                "Leave hysteresis out.",
            )
    if rule.low is None or rule.high is None:
        return
    if rule.low >= rule.high:
        raise invalid("#/high", "high is not greater than low", "Send it greater.")
    if rule.low + rule.hysteresis > rule.high - rule.hysteresis:
        raise invalid(
            "#/hysteresis",
            "nothing is within low and high by so much",
            f"Send at most {(rule.high - rule.low) / 2:g}.",
        )


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def threshold_view(found: Threshold) -> ThresholdView:
    """Return a threshold as its owner sees it."""
    watched = watched_of(found)
    path = f"/v1/thresholds/{found.id}"
    return ThresholdView(
        id=found.id,
        name=found.name,
        watches=watched.named,
        pointer=None if watched.kind.fields else watched.pointer,
        condition=Condition(found.condition),
        value=found.value,
        low=found.low,
        high=found.high,
        hysteresis=found.hysteresis,
        cooldown_s=found.cooldown_s,
        level=Level(found.level),
        enabled=found.enabled,
        state=ThresholdState(found.state),
        last_value=found.last_value,
        reference=found.reference if found.condition == Condition.CHANGE_BY else None,
        judged_at=optional_timestamp(found.judged_at),
        missed_at=optional_timestamp(found.missed_at),
        raised_at=optional_timestamp(found.raised_at),
        resolved_at=optional_timestamp(found.resolved_at),
        raises=found.raises,
        suppressed=found.suppressed,
        created_at=timestamp(found.created_at),
        updated_at=timestamp(found.updated_at),
        links=ThresholdLinks(
            self=path,
            enable=f"{path}/enable",
            disable=f"{path}/disable",
            notifications="/v1/notifications?type=threshold",
        ),
    )
