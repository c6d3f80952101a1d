"""Rules of alerts: made, changed, removed, and found for what they watch."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.alert import (
    NATURES,
    USUAL,
    AlertKind,
    Measure,
    Severity,
    Usual,
)
from db.contracts.errors import NotFoundError, QuotaExceededError
from db.contracts.identifier import new_id
from db.contracts.threshold import Condition, Rule
from db.engine import now
from db.models import AlertRule
from db.repositories.endpoints import lock
from db.repositories.paging import Cursor, newest_first


@dataclass(frozen=True, kw_only=True)
class NewRule:
    """What is worth an alert, checked."""

    name: str
    kind: AlertKind
    severity: Severity
    enabled: bool = True
    muted_until: float | None = None
    provider_id: str | None = None
    category: str | None = None
    queue: str | None = None
    states: tuple[str, ...] = ()
    value: float | None = None
    measure: Measure | None = None
    window_s: float | None = None
    least: int | None = None
    hysteresis: float = 0.0
    for_s: float = 0.0
    cooldown_s: float = 0.0


THERE = AlertRule.removed_at.is_(None)
JUDGED: ColumnElement[bool] = THERE & AlertRule.enabled.is_(True)


def ensure_usual(connection: Connection) -> int:
    """Make the usual rules that have never been there; return how many."""
    query = select(AlertRule.usual).where(AlertRule.usual.is_not(None))
    known = set(connection.execute(query).scalars())
    missing = [
        {
            "id": new_id("alr"),
            "usual": key,
            "created_at": now(),
            "updated_at": now(),
            **_columns(_new(each)),
        }
        for key, each in USUAL.items()
        if key not in known
    ]
    if not missing:
        return 0
    is_sqlite = connection.dialect.name == "sqlite"
    statement = (sqlite.insert if is_sqlite else postgresql.insert)(AlertRule)
    # Another process may do the same at this moment.
    made = connection.execute(
        statement.values(missing).on_conflict_do_nothing(index_elements=["usual"])
    )
    return made.rowcount


def has_usual(connection: Connection) -> bool:
    """Return whether every usual rule has been made, be it removed since."""
    query = select(func.count()).where(AlertRule.usual.in_(list(USUAL)))
    return connection.execute(query).scalar_one() == len(USUAL)


def add(connection: Connection, new: NewRule, *, limit: int) -> AlertRule:
    """Record a rule; raise QuotaExceededError where there are too many."""
    lock(connection, "alert rules")
    query = select(func.count()).select_from(AlertRule).where(THERE)
    if connection.execute(query).scalar_one() >= limit:
        raise QuotaExceededError(
            f"there are {limit} rules, as many as there may be",
            suggestion="Delete one, or have SOLVEQUEUE_ALERT_RULES raised.",
        )
    row = connection.execute(
        insert(AlertRule)
        .values(id=new_id("alr"), created_at=now(), updated_at=now(), **_columns(new))
        .returning(AlertRule)
    )
    return AlertRule(**row.mappings().one())


def change(connection: Connection, rule_id: str, new: NewRule) -> AlertRule:
    """Have it as this from now on; it is looked at anew."""
    row = connection.execute(
        update(AlertRule)
        .where(AlertRule.id == rule_id, THERE)
        .values(**_columns(new), judged_at=None, updated_at=now())
        .returning(AlertRule)
    )
    return _one(row.mappings().one_or_none(), rule_id)


def remove(connection: Connection, rule_id: str) -> None:
    """Remove a rule; a usual one is remembered, so that it is not made again."""
    found = get(connection, rule_id, is_held=True)
    of_it = AlertRule.id == rule_id
    if found.usual is None:
        connection.execute(delete(AlertRule).where(of_it))
    else:
        connection.execute(update(AlertRule).where(of_it).values(removed_at=now()))


def get(connection: Connection, rule_id: str, *, is_held: bool = False) -> AlertRule:
    """Return the rule; raises NotFoundError."""
    query = select(AlertRule).where(AlertRule.id == rule_id, THERE)
    if is_held:
        query = query.with_for_update()
    return _one(connection.execute(query).mappings().one_or_none(), rule_id)


def list_rules(
    connection: Connection,
    *,
    kind: AlertKind | None,
    after: Cursor | None,
    limit: int,
) -> list[AlertRule]:
    """Return rules, newest first."""
    query = select(AlertRule).where(THERE)
    if kind is not None:
        query = query.where(AlertRule.kind == kind.value)
    query = newest_first(
        query, AlertRule.created_at, AlertRule.id, after=after, limit=limit
    )
    return [AlertRule(**row) for row in connection.execute(query).mappings()]


def judged(connection: Connection) -> tuple[list[AlertRule], float]:
    """Return the rules that are not paused, and the moment."""
    query = select(AlertRule).where(JUDGED).order_by(AlertRule.id)
    moment = connection.execute(select(now())).scalar_one()
    return [AlertRule(**row) for row in connection.execute(query).mappings()], moment


def about(
    connection: Connection, kind: AlertKind, provider_id: str, category: str
) -> list[AlertRule]:
    """Return the rules of a kind about a provider; they stay until the commit."""
    query = select(AlertRule).where(
        JUDGED,
        AlertRule.kind == kind.value,
        or_(AlertRule.provider_id.is_(None), AlertRule.provider_id == provider_id),
        or_(AlertRule.category.is_(None), AlertRule.category == category),
    )
    # In one order for all: nobody waits for each other in a circle.
    query = query.order_by(AlertRule.id).with_for_update(read=True, key_share=True)
    return [AlertRule(**row) for row in connection.execute(query).mappings()]


def hold(connection: Connection, rule_id: str) -> AlertRule | None:
    """Return the rule, which stays until the commit; None if it is paused or gone."""
    query = select(AlertRule).where(AlertRule.id == rule_id, JUDGED)
    query = query.with_for_update(read=True, key_share=True)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else AlertRule(**row)


def set_judged(connection: Connection, rule_id: str, at: float) -> None:
    """Note that all that the rule watches was looked at."""
    connection.execute(
        update(AlertRule).where(AlertRule.id == rule_id).values(judged_at=at)
    )


def states_of(rule: AlertRule) -> tuple[str, ...]:
    return tuple(json.loads(rule.states))


def rule_of(found: AlertRule, limit: float) -> Rule:
    """Return when the rule is raised, as numbers are judged."""
    is_below = NATURES[AlertKind(found.kind)].is_below
    return Rule(
        condition=Condition.BELOW if is_below else Condition.ABOVE,
        # The limit itself is too much, and the rest of it is not.
        value=limit if is_below else math.nextafter(limit, -math.inf),
        hysteresis=found.hysteresis,
        cooldown_s=found.cooldown_s,
    )


def _new(usual: Usual) -> NewRule:
    return NewRule(
        name=usual.name,
        kind=usual.kind,
        severity=usual.severity,
        states=usual.states,
        value=usual.value,
        measure=usual.measure,
        window_s=usual.window_s,
        least=usual.least,
        hysteresis=usual.hysteresis,
        for_s=usual.for_s,
        cooldown_s=usual.cooldown_s,
    )


def _columns(new: NewRule) -> dict[str, Any]:
    return {
        "name": new.name,
        "kind": new.kind.value,
        "severity": new.severity.value,
        "enabled": new.enabled,
        "muted_until": new.muted_until,
        "provider_id": new.provider_id,
        "category": new.category,
        "queue": new.queue,
        "states": json.dumps(new.states),
        "value": new.value,
        "measure": None if new.measure is None else new.measure.value,
        "window_s": new.window_s,
        "least": new.least,
        "hysteresis": new.hysteresis,
        "for_s": new.for_s,
        "cooldown_s": new.cooldown_s,
    }


def _one(row: Mapping[Any, Any] | None, rule_id: str) -> AlertRule:
    if row is None:
        raise NotFoundError(f"there is no alert rule {rule_id}")
    return AlertRule(**row)
