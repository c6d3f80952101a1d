"""Rules of alerts, providers and their checks that tests make."""

import json
from typing import Any

from sqlalchemy import insert, select, update

from db import alarm
from db.announcement import tell_noted
from db.backplane import Backplane
from db.contracts.alert import AlertKind, Severity
from db.contracts.identifier import new_id
from db.contracts.provider import (
    CheckOutcome,
    ErrorType,
    Expectation,
    Origin,
    ProviderState,
    Seen,
)
from db.engine import Database, now
from db.models import Alert, AlertRule, Provider, ProviderCheck
from db.repositories import alert_rules, alerts, provider_checks, providers
from db.repositories.alert_measures import Around
from db.repositories.alert_rules import NewRule
from db.repositories.alerts import AlertFilter
from db.repositories.notices import Noted
from db.repositories.provider_checks import Checked, Claimed
from db.repositories.providers import Description

GOOD = Seen(outcome=CheckOutcome.SUCCESS, response_ms=10.0, status=200)
BAD = Seen(
    outcome=CheckOutcome.FAILED,
    error_type=ErrorType.NETWORK,
    error="connection refused",
)
LATE = Seen(outcome=CheckOutcome.SUCCESS, response_ms=3000.0, status=200)
AROUND = Around()


def add_rule(database: Database, kind: AlertKind, **changes: Any) -> str:
    """Make a rule; return its id."""
    known: dict[str, Any] = {"name": "a rule", "severity": Severity.WARNING}
    with database.transaction() as connection:
        new = NewRule(kind=kind, **known | changes)
        return alert_rules.add(connection, new, limit=100).id


def add_provider(database: Database, name: str = "one", **changes: Any) -> str:
    """Make a provider whose state changes with each check; return its id."""
    at_once = Expectation(failures=1, recoveries=1)
    known = {"category": "market", "url": "http://example.com", "expectation": at_once}
    with database.transaction() as connection:
        new = Description(name=name, **known | changes)
        made = connection.execute(
            insert(Provider)
            .values(
                id=new_id("prv"),
                origin=Origin.API.value,
                state=ProviderState.UNKNOWN.value,
                level=ProviderState.UNKNOWN.value,
                state_since=now(),
                created_at=now(),
                updated_at=now(),
                **providers._columns(new),
            )
            .returning(Provider.id)
        )
        return str(made.scalar_one())


def check(
    database: Database, provider_id: str, seen: Seen, **beside: Any
) -> list[Noted]:
    """Record a check as whoever makes one does, and judge it."""
    with database.transaction() as connection:
        held = providers.get(connection, provider_id)
        claimed = Claimed(held, held.created_at)
        at = connection.execute(select(now())).scalar_one()
        checked = Checked(at=at, endpoint="http://example.com", seen=seen, **beside)
        recorded = provider_checks.record(
            connection, claimed, checked, next_at=at + 1e6
        )
        assert recorded is not None
        return alarm.on_check(connection, recorded)


def look(backplane: Backplane, rule_id: str, around: Around = AROUND) -> list[Noted]:
    """Judge one rule, and tell what comes of it."""
    database = backplane.database
    with database.reading() as connection:
        rule = alert_rules.get(connection, rule_id)
        at = connection.execute(select(now())).scalar_one()
        subjects = alarm.glance(connection, rule, around, at)
    if subjects is None:
        return []
    with database.transaction() as connection:
        noted = alarm.on_look(connection, rule_id, around, subjects)
    tell_noted(backplane, noted)
    return noted


def all_alerts(database: Database) -> list[Alert]:
    """Return all alerts, the first first."""
    with database.reading() as connection:
        found = alerts.list_alerts(connection, AlertFilter(), after=None, limit=10_000)
    return found[::-1]


def set_rule(database: Database, rule_id: str, **columns: Any) -> None:
    with database.transaction() as connection:
        connection.execute(
            update(AlertRule).where(AlertRule.id == rule_id).values(**columns)
        )


def set_provider(database: Database, provider_id: str, **columns: Any) -> None:
    with database.transaction() as connection:
        connection.execute(
            update(Provider).where(Provider.id == provider_id).values(**columns)
        )


def set_check(database: Database, provider_id: str, **columns: Any) -> None:
    """Change the checks of a provider."""
    with database.transaction() as connection:
        connection.execute(
            update(ProviderCheck)
            .where(ProviderCheck.provider_id == provider_id)
            .values(**columns)
        )


def set_alert(database: Database, alert_id: str, **columns: Any) -> None:
    with database.transaction() as connection:
        connection.execute(update(Alert).where(Alert.id == alert_id).values(**columns))


def types(noted: list[Noted]) -> list[str]:
    """Return what is told, without the notifications."""
    told = [each.notice.type for each in noted]
    return [each for each in told if each != "notification.sent"]


def data_of(noted: Noted) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(noted.notice.data)
    return data
