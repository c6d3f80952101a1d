"""What providers were like: checks and changes, listed, and uptime by window."""

from sqlalchemy import Connection, select

from db.contracts.provider import CheckOutcome, ProviderState
from db.contracts.uptime import StateChange, Uptime, uptime_of
from db.models import Provider, ProviderChange, ProviderCheck
from db.repositories.paging import Cursor, newest_first


def list_checks(
    connection: Connection,
    provider_id: str,
    *,
    outcome: CheckOutcome | None,
    before: int | None,
    limit: int,
) -> list[ProviderCheck]:
    """Return checks of a provider, the newest first, before the one of that number."""
    query = select(ProviderCheck).where(ProviderCheck.provider_id == provider_id)
    if outcome is not None:
        query = query.where(ProviderCheck.outcome == outcome.value)
    if before is not None:
        query = query.where(ProviderCheck.number < before)
    query = query.order_by(ProviderCheck.number.desc()).limit(limit)
    return [ProviderCheck(**row) for row in connection.execute(query).mappings()]


def list_changes(
    connection: Connection, provider_id: str, *, after: Cursor | None, limit: int
) -> list[ProviderChange]:
    """Return the changes of a provider, newest first."""
    query = newest_first(
        select(ProviderChange).where(ProviderChange.provider_id == provider_id),
        ProviderChange.at,
        ProviderChange.id,
        after=after,
        limit=limit,
    )
    return [ProviderChange(**row) for row in connection.execute(query).mappings()]


def uptime(
    connection: Connection, found: Provider, *, begin: float, end: float
) -> Uptime:
    """Return how long it was in each state in a window."""
    of_it = ProviderChange.provider_id == found.id
    # The first check has a lower number than any later one, also of one moment.
    order = (ProviderChange.at, ProviderChange.check_number)
    within = (
        select(ProviderChange)
        .where(of_it, ProviderChange.at > begin, ProviderChange.at < end)
        .order_by(*order)
    )
    before = (
        select(ProviderChange)
        .where(of_it, ProviderChange.at <= begin)
        .order_by(*(each.desc() for each in order))
        .limit(1)
    )
    rows = [
        *connection.execute(before).mappings(),
        *connection.execute(within).mappings(),
    ]
    changes = [
        StateChange(
            row["at"],
            ProviderState(row["old_state"]),
            ProviderState(row["new_state"]),
        )
        for row in rows
    ]
    return uptime_of(
        changes,
        begin=begin,
        end=end,
        state=ProviderState(found.state),
        since=found.state_since,
    )
