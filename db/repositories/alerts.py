"""Alerts: written once an excursion, listed, acknowledged, resolved, let go."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from db.contracts.alert import AlertKind, AlertState, Resolution, Severity
from db.contracts.errors import NotFoundError
from db.contracts.identifier import new_id
from db.engine import now
from db.models import Alert, AlertRule
from db.repositories.alert_rules import JUDGED
from db.repositories.paging import Cursor, newest_first

_IS_OPEN = Alert.state == AlertState.OPEN.value


@dataclass(frozen=True, kw_only=True)
class AlertFilter:
    """Which alerts are meant; None is any."""

    state: AlertState | None = None
    acknowledged: bool | None = None
    severity: Severity | None = None
    kind: AlertKind | None = None
    provider: str | None = None
    """An id, or a name however it is capitalised."""
    rule_id: str | None = None
    since: float | None = None
    """Raised then or later."""

    def on(self, query: Select[Any]) -> Select[Any]:
        """Return the query of these alone."""
        if self.state is not None:
            query = query.where(Alert.state == self.state.value)
        if self.acknowledged is not None:
            is_new = Alert.acknowledged_at.is_(None)
            query = query.where(~is_new if self.acknowledged else is_new)
        if self.severity is not None:
            query = query.where(Alert.severity == self.severity.value)
        if self.kind is not None:
            query = query.where(Alert.kind == self.kind.value)
        if self.provider is not None:
            by_name = func.lower(Alert.provider) == self.provider.lower()
            query = query.where(or_(Alert.provider_id == self.provider, by_name))
        if self.rule_id is not None:
            query = query.where(Alert.rule_id == self.rule_id)
        if self.since is not None:
            query = query.where(Alert.created_at >= self.since)
        return query


@dataclass(frozen=True, kw_only=True)
class NewAlert:
    """What is beyond a rule's limit."""

    rule: AlertRule
    subject: str
    provider_id: str | None
    provider: str | None
    message: str
    value: float
    limit: float | None
    data: Mapping[str, Any]
    at: float
    told: bool


def add(connection: Connection, new: NewAlert) -> Alert:
    """Record an alert; its rule's standing with the subject is held."""
    row = connection.execute(
        insert(Alert)
        .values(
            id=new_id("alt"),
            rule_id=new.rule.id,
            rule_name=new.rule.name,
            kind=new.rule.kind,
            severity=new.rule.severity,
            subject=new.subject,
            provider_id=new.provider_id,
            provider=new.provider,
            state=AlertState.OPEN.value,
            message=new.message,
            value=new.value,
            last_value=new.value,
            limit=new.limit,
            data=json.dumps(dict(new.data), allow_nan=False),
            told=new.told,
            count=1,
            created_at=new.at,
            last_at=new.at,
        )
        .returning(Alert)
    )
    return Alert(**row.mappings().one())


def repeat(
    connection: Connection, rule_id: str, subject: str, *, value: float, at: float
) -> None:
    """Count that it was seen again."""
    connection.execute(
        update(Alert)
        .where(Alert.rule_id == rule_id, Alert.subject == subject, _IS_OPEN)
        .values(count=Alert.count + 1, last_value=value, last_at=at)
    )


def resolve(
    connection: Connection,
    alert: Alert,
    resolution: Resolution,
    *,
    at: float,
    by: str | None = None,
    note: str | None = None,
) -> Alert | None:
    """End an alert; None if somebody else has."""
    values: dict[str, Any] = {
        "state": AlertState.RESOLVED.value,
        "resolved_at": at,
        "resolution": resolution.value,
        "resolved_by": by,
    }
    if note:
        values["note"] = note
    row = connection.execute(
        update(Alert)
        .where(Alert.id == alert.id, _IS_OPEN)
        .values(values)
        .returning(Alert)
    )
    found = row.mappings().one_or_none()
    return None if found is None else Alert(**found)


def acknowledge(
    connection: Connection, alert_id: str, *, by: str, note: str | None
) -> Alert | None:
    """Note who knows of it; None if it was known, or there is none."""
    row = connection.execute(
        update(Alert)
        .where(Alert.id == alert_id, Alert.acknowledged_at.is_(None))
        .values(acknowledged_at=now(), acknowledged_by=by, note=note or Alert.note)
        .returning(Alert)
    )
    found = row.mappings().one_or_none()
    return None if found is None else Alert(**found)


def set_told(connection: Connection, alert_id: str) -> bool:
    """Note that it is told; return whether it was not."""
    told = connection.execute(
        update(Alert)
        .where(Alert.id == alert_id, Alert.told.is_(False))
        .values(told=True)
    )
    return bool(told.rowcount)


def get(connection: Connection, alert_id: str) -> Alert:
    """Return the alert; raises NotFoundError."""
    row = connection.execute(select(Alert).where(Alert.id == alert_id))
    found = row.mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"there is no alert {alert_id}")
    return Alert(**found)


def list_alerts(
    connection: Connection, wanted: AlertFilter, *, after: Cursor | None, limit: int
) -> list[Alert]:
    """Return alerts, newest first."""
    query = newest_first(
        wanted.on(select(Alert)), Alert.created_at, Alert.id, after=after, limit=limit
    )
    return [Alert(**row) for row in connection.execute(query).mappings()]


def open_of(connection: Connection, rule_id: str) -> dict[str, Alert]:
    """Return the open alerts of a rule, by subject."""
    query = select(Alert).where(Alert.rule_id == rule_id, _IS_OPEN)
    rows = connection.execute(query).mappings()
    return {row["subject"]: Alert(**row) for row in rows}


def open_about(connection: Connection, rule_id: str, subject: str) -> Alert | None:
    """Return the open alert of a rule about a subject."""
    query = select(Alert).where(
        Alert.rule_id == rule_id, Alert.subject == subject, _IS_OPEN
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Alert(**row)


def unwatched(connection: Connection, *, limit: int) -> list[Alert]:
    """Return open alerts whose rule is paused or gone."""
    is_judged = exists().where(AlertRule.id == Alert.rule_id, JUDGED)
    query = select(Alert).where(_IS_OPEN, ~is_judged).limit(limit)
    return [Alert(**row) for row in connection.execute(query).mappings()]


def count_new(connection: Connection) -> int:
    """Return how many are open and nobody has acknowledged."""
    query = select(func.count()).where(_IS_OPEN, Alert.acknowledged_at.is_(None))
    return connection.execute(query).scalar_one()


def count_open(connection: Connection, rule_ids: Sequence[str]) -> dict[str, int]:
    """Return how many alerts of each of these rules are open."""
    query = (
        select(Alert.rule_id, func.count())
        .where(Alert.rule_id.in_(rule_ids), _IS_OPEN)
        .group_by(Alert.rule_id)
    )
    return dict(connection.execute(query).all())


def forget(connection: Connection, *, older_than_seconds: float) -> int:
    """Let go of alerts that were resolved so long ago; return how many."""
    gone = connection.execute(
        delete(Alert).where(Alert.resolved_at < now() - older_than_seconds)
    )
    return gone.rowcount
