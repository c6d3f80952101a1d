"""Checks of providers: claimed when they are due, and what follows from each.

A claim is a lease: who dies while it asks is replaced once the claim is over. What a
check has seen counts once, and only if the provider is asked the same as before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.contracts.identifier import new_id
from db.contracts.provider import (
    CheckOutcome,
    ProviderState,
    Seen,
    level_of,
    next_standing,
)
from db.engine import now
from db.models import Provider, ProviderChange, ProviderCheck
from db.repositories import provider_statistics, providers

MAX_ERROR = 500


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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What has been written; `change` where the state is another one than before."""

    check: ProviderCheck
    provider: Provider
    change: ProviderChange | None


def claim_due(
    connection: Connection, *, ahead_s: float, hold_s: float, limit: int
) -> list[Claimed]:
    """Claim providers whose check is due within ``ahead_s``, the earliest first.

    Of two processes that claim at once each gets others.
    """
    due = (
        select(Provider.id)
        .where(Provider.next_at <= now() + ahead_s, Provider.claimed_until < now())
        .order_by(Provider.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(due).scalars().all()
    if not ids:
        return []
    claimed = connection.execute(
        update(Provider)
        .where(Provider.id.in_(ids), Provider.claimed_until < now())
        .values(claimed_until=now() + hold_s)
        .returning(Provider)
    )
    found = [Provider(**row) for row in claimed.mappings()]
    return sorted(
        (Claimed(each, each.next_at) for each in found if each.next_at is not None),
        key=lambda each: each.due_at,
    )


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
    written = connection.execute(
        update(Provider).where(of_it).values(values).returning(Provider)
    )
    return Recorded(check, Provider(**written.mappings().one()), change)


def release(connection: Connection, claimed: Claimed) -> None:
    """Let another process have it: this one goes before it has asked."""
    connection.execute(
        update(Provider)
        .where(
            Provider.id == claimed.provider.id,
            Provider.claimed_until == claimed.provider.claimed_until,
        )
        .values(claimed_until=0.0)
    )


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
