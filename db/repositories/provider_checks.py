"""Checks of providers: claimed when they are due, and what follows from each.

A claim is a lease: who dies while it asks is replaced once the claim is over. What a
check has seen counts once, and only if the provider is asked the same as before.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    insert,
    select,
    tuple_,
    update,
)

from db.contracts.budget import Usage
from db.contracts.collection import Collected
from db.contracts.identifier import new_id
from db.contracts.provider import (
    CheckOutcome,
    ProviderState,
    Seen,
    level_of,
    next_standing,
)
from db.engine import now
from db.models import (
    Provider,
    ProviderChange,
    ProviderCheck,
    ProviderCollection,
    ProviderUsage,
)
from db.repositories import provider_statistics, providers

MAX_ERROR = 500
USAGE_EVERY_S = 60.0
"""How budgets stand is recorded no more often than this."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A provider that is to be asked now."""

    provider: Provider
    """As it was when it was claimed; its `claimed_until` names the claim."""
    due_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is to be recorded of one check."""

    at: float
    """When it began, by the database's clock."""
    endpoint: str
    seen: Seen
    retries: int = 0
    retry_result: CheckOutcome | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    """Further columns of the provider that this check changes, such as `validator`."""
    collected: Collected | None = None
    """Where the provider is collected."""
    on_schedule: bool = True
    usages: Sequence[Usage] = ()
    """How its budgets stand after its calls."""
    crossed: Sequence[Usage] = ()
    """Those that one of its calls has brought to where it is told."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What has been written; `change` where the state is another one than before."""

    check: ProviderCheck
    provider: Provider
    """As it is now."""
    change: ProviderChange | None
    collection: ProviderCollection | None = None
    usages: tuple[ProviderUsage, ...] = ()
    """Where it was time to record them."""
    crossed: tuple[Usage, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What time it is by the database's clock, and whether there is anything to do."""

    time: float
    is_due: bool


def standing(connection: Connection, *, ahead_s: float) -> Standing:
    """Look before the write lock is taken: most often nothing is due."""
    due = exists().where(
        Provider.next_at <= now() + ahead_s, Provider.claimed_until < now()
    )
    row = connection.execute(select(now(), due)).one()
    return Standing(row[0], bool(row[1]))


def claim_due(
    connection: Connection,
    *,
    ahead_s: float,
    hold_s: Callable[[Provider], float],
    limit: int,
) -> list[Claimed]:
    """Claim providers whose check is due within ``ahead_s``, the earliest first.

    Each for as long as its check may take. Of two processes that claim at once each
    gets others.
    """
    due = (
        select(Provider, now().label("moment"))
        .where(Provider.next_at <= now() + ahead_s, Provider.claimed_until < now())
        .order_by(Provider.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for row in connection.execute(due).mappings().all():
        columns = dict(row)
        moment = columns.pop("moment")
        found = Provider(**columns)
        found.claimed_until = moment + hold_s(found)
        assert found.next_at is not None
        claimed.append(Claimed(found, found.next_at))
    if claimed:
        connection.execute(
            update(Provider)
            .where(Provider.id == bindparam("its_id"))
            .values(claimed_until=bindparam("until")),
            [
                {"its_id": each.provider.id, "until": each.provider.claimed_until}
                for each in claimed
            ],
        )
    return claimed


def record(
    connection: Connection, claimed: Claimed, checked: Checked, *, next_at: float
) -> Recorded | None:
    """Write a check and what follows from it; None if the claim is not held any more.

    ``next_at`` is when it is checked again, unless it was paused meanwhile.
    """
    of_it = Provider.id == claimed.provider.id
    query = select(Provider).where(of_it).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None or row["claimed_until"] != claimed.provider.claimed_until:
        # Deleted, changed, or taken over by another.
        return None
    held = Provider(**row)
    seen = checked.seen
    level = level_of(providers.expectation_of(held), seen)
    check = _insert_check(connection, held, claimed, checked, level)
    provider_statistics.count(connection, check)
    values: dict[str, Any] = {
        "checks": check.number,
        "claimed_until": 0.0,
        "next_at": None if held.paused else next_at,
        "last_error_type": seen.error_type,
        "last_error": seen.error[:MAX_ERROR] or None,
        **checked.beside,
    }
    change = None
    if level is not None:
        values |= {
            "level": level.value,
            "last_check_at": checked.at,
            "last_response_ms": seen.response_ms,
        }
        if seen.outcome is CheckOutcome.SUCCESS:
            values["last_success_at"] = checked.at
        standing = next_standing(
            providers.expectation_of(held), providers.standing_of(held), level
        )
        values |= {"state": standing.state.value, "streak": standing.streak}
        if standing.state != held.state:
            values["state_since"] = checked.at
            change = _insert_change(connection, held, check, standing.state)
    collection = None
    if checked.collected is not None:
        collection = _insert_collection(connection, claimed, checked, check)
        if checked.collected.records:
            values["last_collected_at"] = checked.at
    usages = _insert_usages(connection, held, checked)
    if usages:
        values["usage_told_at"] = checked.at
    written = connection.execute(
        update(Provider).where(of_it).values(values).returning(Provider)
    )
    return Recorded(
        check,
        Provider(**written.mappings().one()),
        change,
        collection,
        usages,
        tuple(checked.crossed),
    )


def release(connection: Connection, claimed: Sequence[Claimed]) -> None:
    """Let other processes have them: this one goes before it has asked."""
    for each in claimed:
        connection.execute(
            update(Provider)
            .where(
                Provider.id == each.provider.id,
                Provider.claimed_until == each.provider.claimed_until,
            )
            .values(claimed_until=0.0)
        )


def forget(
    connection: Connection,
    table: type[ProviderCheck | ProviderCollection | ProviderUsage | ProviderChange],
    *,
    older_than_seconds: float,
    limit: int,
) -> int:
    """Delete what was written so long ago, the oldest first; return how much."""
    columns = list(table.__table__.primary_key)
    oldest = (
        select(*columns)
        .where(table.at < now() - older_than_seconds)
        .order_by(table.at)
        .limit(limit)
    )
    return connection.execute(
        delete(table).where(tuple_(*columns).in_(oldest))
    ).rowcount


def _insert_check(
    connection: Connection,
    held: Provider,
    claimed: Claimed,
    checked: Checked,
    level: ProviderState | None,
) -> ProviderCheck:
    seen = checked.seen
    row = connection.execute(
        insert(ProviderCheck)
        .values(
            provider_id=held.id,
            number=held.checks + 1,
            due_at=claimed.due_at,
            at=checked.at,
            endpoint=checked.endpoint,
            outcome=seen.outcome.value,
            level=None if level is None else level.value,
            response_ms=seen.response_ms,
            http_status=seen.status,
            error_type=seen.error_type,
            error=seen.error[:MAX_ERROR] or None,
            size=seen.size,
            retries=checked.retries,
            retry_result=checked.retry_result,
        )
        .returning(ProviderCheck)
    )
    return ProviderCheck(**row.mappings().one())


def _insert_change(
    connection: Connection,
    held: Provider,
    check: ProviderCheck,
    state: ProviderState,
) -> ProviderChange:
    row = connection.execute(
        insert(ProviderChange)
        .values(
            id=new_id("pch"),
            provider_id=held.id,
            check_number=check.number,
            at=check.at,
            old_state=held.state,
            new_state=state.value,
            reason=check.error or "it answered as expected",
            response_ms=check.response_ms,
        )
        .returning(ProviderChange)
    )
    return ProviderChange(**row.mappings().one())


def _insert_collection(
    connection: Connection, claimed: Claimed, checked: Checked, check: ProviderCheck
) -> ProviderCollection:
    collected = checked.collected
    assert collected is not None
    row = connection.execute(
        insert(ProviderCollection)
        .values(
            provider_id=check.provider_id,
            number=check.number,
            due_at=claimed.due_at,
            at=checked.at,
            data_at=collected.data_at,
            values=json.dumps(collected.values),
            records=collected.records,
            size=checked.seen.size,
            quality=collected.quality,
            staleness_s=collected.staleness_s,
            on_schedule=checked.on_schedule,
            skip_reason=collected.skip_reason,
        )
        .returning(ProviderCollection)
    )
    return ProviderCollection(**row.mappings().one())


def _insert_usages(
    connection: Connection, held: Provider, checked: Checked
) -> tuple[ProviderUsage, ...]:
    """Record how the budgets stand, unless that was done in this minute."""
    told_at = held.usage_told_at or 0.0
    is_told = checked.at // USAGE_EVERY_S <= told_at // USAGE_EVERY_S
    if not checked.usages or (is_told and not checked.crossed):
        return ()
    rows = [
        {
            "provider_id": held.id,
            "at": checked.at,
            "per": each.limit.per.value,
            "limit_value": each.limit.calls,
            "used": each.used,
            "resets_at": each.resets_at,
        }
        for each in checked.usages
    ]
    connection.execute(insert(ProviderUsage), rows)
    return tuple(ProviderUsage(**each) for each in rows)
