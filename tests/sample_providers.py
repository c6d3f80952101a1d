"""Providers and their checks, as tests need them."""

import json
import time
from typing import Any

from sqlalchemy import select, update

from db.backplane import Backplane
from db.contracts.provider import Expectation, Origin
from db.engine import now
from db.models import (
    Notice,
    Provider,
    ProviderChange,
    ProviderCheck,
    ProviderCollection,
    ProviderUsage,
)
from db.repositories import providers
from db.repositories.providers import Description
from schedules.provider_health.prober import Prober

PATIENCE_SECONDS = 30.0
FAST = Expectation(timeout_ms=10_000, degraded_ms=20_000, offline_ms=30_000, failures=2)
"""Nothing is late, however busy the machine is."""
HASTY = FAST.model_copy(update={"timeout_ms": 200})
SECRET = "sesame-open-0123456789"


class ScriptedClock:
    """The clock of the machine, put forward by a test."""

    def __init__(self) -> None:
        self.forward_s = 0.0

    def now(self) -> float:
        return time.time() + self.forward_s


def add(backplane: Backplane, name: str, url: str, **columns: Any) -> Provider:
    """Record a provider, due at once."""
    described = {"category": "test", "expectation": FAST, "url": url, **columns}
    with backplane.database.transaction() as connection:
        return providers.add(
            connection, Description(name=name, **described), origin=Origin.API
        )


def check(prober: Prober, *names: str) -> None:
    """Have these checked once, now, or all of them."""
    due = update(Provider).values(next_at=now())
    if names:
        due = due.where(Provider.name.in_(names))
    with prober.backplane.database.transaction() as connection:
        count = connection.execute(due).rowcount
    # Others may be due by themselves.
    assert prober.take() >= count
    assert prober.wait_until_idle(PATIENCE_SECONDS)


def found(backplane: Backplane, name: str) -> Provider:
    with backplane.database.reading() as connection:
        return providers.get_named(connection, name)


def checks(backplane: Backplane, name: str) -> list[ProviderCheck]:
    return _of(backplane, name, ProviderCheck, ProviderCheck.number)


def collections(backplane: Backplane, name: str) -> list[ProviderCollection]:
    return _of(backplane, name, ProviderCollection, ProviderCollection.number)


def usages(backplane: Backplane, name: str) -> list[ProviderUsage]:
    return _of(backplane, name, ProviderUsage, ProviderUsage.at)


def changes(backplane: Backplane, name: str) -> list[str]:
    """Return the states that it went through."""
    rows = _of(backplane, name, ProviderChange, ProviderChange.check_number)
    return [each.new_state for each in rows]


def notices(backplane: Backplane, name: str) -> list[dict[str, Any]]:
    """Return what was noted about it, oldest first."""
    query = select(Notice).where(Notice.subject == found(backplane, name).id)
    with backplane.database.reading() as connection:
        rows = connection.execute(query.order_by(Notice.time)).mappings().all()
    return [{"type": row["type"], **json.loads(row["data"])} for row in rows]


def _of(backplane: Backplane, name: str, table: Any, order: Any) -> list[Any]:
    query = select(table).where(table.provider_id == found(backplane, name).id)
    with backplane.database.reading() as connection:
        rows = connection.execute(query.order_by(order)).mappings().all()
    return [table(**row) for row in rows]
