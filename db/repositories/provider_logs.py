"""The logs about providers: read from what was recorded, never written twice."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from db.contracts.budget import SPENT, WARNING, BudgetStatus
from db.contracts.provider import CheckOutcome, ProviderState
from db.models import Provider, ProviderCheck, ProviderCollection, ProviderUsage

COUNTED = 100_000
"""Lines beyond these are there, and are not counted."""


class LogType(StrEnum):
    """Which log."""

    CONNECTION = "connection"
    """Calls to providers."""
    FAILURE = "failure"
    """Checks that went wrong, also those that were made good at another place."""
    COLLECTION = "collection"
    """What was collected, or why nothing was."""
    RATE_LIMIT = "rate_limit"
    """How much of budgets was used up."""


class CollectionStatus(StrEnum):
    """Whether there was anything to collect."""

    COLLECTED = "collected"
    SKIPPED = "skipped"


CALLS = tuple(each.value for each in CheckOutcome if each is not CheckOutcome.BLOCKED)
STATUSES: dict[LogType, tuple[str, ...]] = {
    LogType.CONNECTION: CALLS,
    LogType.FAILURE: CALLS,
    LogType.COLLECTION: tuple(CollectionStatus),
    LogType.RATE_LIMIT: tuple(BudgetStatus),
}
"""By what the lines of each log may be chosen."""

Position = tuple[float, str, Any]
"""Where a line stands: its moment, its provider, and what tells it from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which lines are wanted."""

    since: float
    until: float | None = None
    provider_id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line, as the record that it is."""

    position: Position
    provider: str
    """Its name."""
    category: str
    record: ProviderCheck | ProviderCollection | ProviderUsage


@dataclass(frozen=True, slots=True)
class _Log:
    record: type[ProviderCheck] | type[ProviderCollection] | type[ProviderUsage]
    order: tuple[InstrumentedAttribute[Any], ...]
    has: Callable[[str | None], ColumnElement[bool]]
    """What must hold of a line of it, of this status or of any."""


def list_lines(
    connection: Connection,
    log: LogType,
    wanted: LogFilter,
    *,
    after: Position | None = None,
    skip: int = 0,
    limit: int,
) -> list[Line]:
    """Return lines, newest first, from behind the one of the page before."""
    kind = _LOGS[log]
    name, category = Provider.name.label("of"), Provider.category.label("cat")
    columns: Any = select(kind.record, name, category)
    query = _chosen(columns, kind, wanted)
    if after is not None:
        query = query.where(tuple_(*kind.order) < tuple_(*after))
    query = query.order_by(*(each.desc() for each in kind.order))
    lines = []
    for row in connection.execute(query.offset(skip).limit(limit)).mappings():
        found = dict(row)
        of, cat = found.pop("of"), found.pop("cat")
        first, second, third = (found[each.key] for each in kind.order)
        record = kind.record(**found)
        lines.append(Line((first, second, third), of, cat, record))
    return lines


def count_lines(connection: Connection, log: LogType, wanted: LogFilter) -> int:
    """Return how many there are; of very many, `COUNTED`."""
    kind = _LOGS[log]
    some = _chosen(select(kind.order[0]), kind, wanted).limit(COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _chosen(query: Select[Any], kind: _Log, wanted: LogFilter) -> Select[Any]:
    at, of_provider, _ = kind.order
    query = query.join(Provider, Provider.id == of_provider).where(
        at >= wanted.since, kind.has(wanted.status)
    )
    if wanted.until is not None:
        query = query.where(at < wanted.until)
    if wanted.provider_id is not None:
        query = query.where(of_provider == wanted.provider_id)
    return query


def _is_call(status: str | None) -> ColumnElement[bool]:
    if status is not None:
        return ProviderCheck.outcome == status
    return ProviderCheck.outcome != CheckOutcome.BLOCKED.value


def _is_failure(status: str | None) -> ColumnElement[bool]:
    # As `db.log_entries.is_failure` has it.
    return and_(
        _is_call(status),
        or_(
            ProviderCheck.outcome != CheckOutcome.SUCCESS.value,
            ProviderCheck.retries > 0,
            ProviderCheck.level == ProviderState.OFFLINE.value,
        ),
    )


def _is_collection(status: str | None) -> ColumnElement[bool]:
    is_collected = ProviderCollection.skip_reason.is_(None)
    if status is None:
        return ProviderCollection.at.is_not(None)
    return is_collected if status == CollectionStatus.COLLECTED else ~is_collected


def _is_usage(status: str | None) -> ColumnElement[bool]:
    used, all_ = ProviderUsage.used * 100, ProviderUsage.limit_value
    is_warning, is_spent = used >= all_ * WARNING, used >= all_ * SPENT
    match status:
        case None:
            return ProviderUsage.at.is_not(None)
        case BudgetStatus.OK:
            return ~is_warning
        case BudgetStatus.WARNING:
            return and_(is_warning, ~is_spent)
        case _:
            return is_spent


_OF_CHECKS = (ProviderCheck.at, ProviderCheck.provider_id, ProviderCheck.number)
_LOGS: dict[LogType, _Log] = {
    LogType.CONNECTION: _Log(ProviderCheck, _OF_CHECKS, _is_call),
    LogType.FAILURE: _Log(ProviderCheck, _OF_CHECKS, _is_failure),
    LogType.COLLECTION: _Log(
        ProviderCollection,
        (
            ProviderCollection.at,
            ProviderCollection.provider_id,
            ProviderCollection.number,
        ),
        _is_collection,
    ),
    LogType.RATE_LIMIT: _Log(
        ProviderUsage,
        (ProviderUsage.at, ProviderUsage.provider_id, ProviderUsage.per),
        _is_usage,
    ),
}
