"""What the earlier monitoring system asked of the record, all providers together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    cast,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.contracts.beat_run import ON_TIME_SECONDS, ON_TIME_SHARE
from db.contracts.provider import ErrorType, ProviderState
from db.models import (
    Provider,
    ProviderCheck,
    ProviderCollection,
    ProviderHour,
    ProviderUsage,
)
from db.repositories.provider_statistics import FAILURES, SECONDS_AN_HOUR, hour_of

_FAILED = ProviderHour.failed + ProviderHour.timeout + ProviderHour.rate_limited
_WANT_OF_CALLS = (
    ErrorType.RATE_LIMITED.value,
    ErrorType.BUDGET.value,
    ErrorType.ASKED_TO_WAIT.value,
)
PORTION = 500
_HAS_LIMITS = Provider.limits != "[]"


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many checks were made, and how many of them began on time."""

    checks: int
    on_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Who is watched, in numbers; paused ones included."""

    total: int
    by_category: dict[str, int]
    by_tier: dict[int, int]
    with_keys: int


def fleet(connection: Connection) -> Fleet:
    """Return how many providers there are, of each category and tier."""
    rows = connection.execute(
        select(
            Provider.category,
            Provider.tier,
            func.count().label("number"),
            func.count(Provider.key).label("keyed"),
        ).group_by(Provider.category, Provider.tier)
    ).all()
    by_category: dict[str, int] = {}
    by_tier: dict[int, int] = {}
    for row in rows:
        by_category[row.category] = by_category.get(row.category, 0) + row.number
        by_tier[row.tier] = by_tier.get(row.tier, 0) + row.number
    return Fleet(
        total=sum(by_category.values()),
        by_category=dict(sorted(by_category.items())),
        by_tier=by_tier,
        with_keys=sum(row.keyed for row in rows),
    )


def all_providers(
    connection: Connection,
    *,
    category: str | None = None,
    state: ProviderState | None = None,
    search: str | None = None,
    limit: int,
) -> list[Provider]:
    """Return providers by name."""
    query = select(Provider).order_by(Provider.name).limit(limit)
    if category is not None:
        query = query.where(Provider.category == category)
    if state is not None:
        query = query.where(Provider.state == state.value)
    if search is not None:
        query = query.where(Provider.name.icontains(search, autoescape=True))
    return [Provider(**row) for row in connection.execute(query).mappings()]


def names_of(connection: Connection) -> list[str]:
    """Return what providers are called, a thousand at the most."""
    query = select(Provider.name).order_by(Provider.name).limit(1000)
    return list(connection.execute(query).scalars())


def names_by_id(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return what these providers are called."""
    found: dict[str, str] = {}
    for first in range(0, len(ids), PORTION):
        query = select(Provider.id, Provider.name).where(
            Provider.id.in_(ids[first : first + PORTION])
        )
        found |= {row.id: row.name for row in connection.execute(query)}
    return found


def keyed(connection: Connection) -> list[Provider]:
    """Return the providers that need a key, by name."""
    query = select(Provider).where(Provider.key.is_not(None)).order_by(Provider.name)
    return [Provider(**row) for row in connection.execute(query).mappings()]


def limited(connection: Connection, *, limit: int) -> list[Provider]:
    """Return providers that allow only so many calls, by name."""
    query = select(Provider).where(_HAS_LIMITS).order_by(Provider.name).limit(limit)
    return [Provider(**row) for row in connection.execute(query).mappings()]


def count_limited(connection: Connection) -> int:
    """Return how many providers allow only so many calls."""
    query = select(func.count()).select_from(Provider).where(_HAS_LIMITS)
    return connection.execute(query).scalar_one()


def failures_kept(connection: Connection, *, since: float) -> int:
    """Return how many checks have failed since then, to the hour."""
    query = select(func.coalesce(func.sum(_FAILED), 0)).where(
        ProviderHour.hour >= hour_of(since)
    )
    return int(connection.execute(query).scalar_one())


def last_check_at(connection: Connection) -> float | None:
    """Return when a provider was last asked that is not paused."""
    query = select(func.max(Provider.last_check_at)).where(Provider.paused.is_(False))
    return connection.execute(query).scalar_one()


def by_category(connection: Connection) -> list[RowMapping]:
    """Return a row a category: its providers by state, and their latest answers."""

    def counted(state: ProviderState) -> ColumnElement[int]:
        return func.count().filter(Provider.state == state.value).label(state.value)

    query = (
        select(
            Provider.category,
            func.count().label("total"),
            *(counted(state) for state in ProviderState),
            func.avg(Provider.last_response_ms).label("mean_ms"),
            func.max(Provider.last_check_at).label("last_at"),
            func.count()
            .filter(Provider.last_error_type.in_(_WANT_OF_CALLS))
            .label("rate_limited"),
        )
        .where(Provider.paused.is_(False))
        .group_by(Provider.category)
        .order_by(Provider.category)
    )
    return list(connection.execute(query).mappings())


def checked(connection: Connection, categories: Collection[str]) -> list[RowMapping]:
    """Return a row a category that has providers: how often they are checked, and when.

    Paused ones are left out.
    """
    query = (
        select(
            Provider.category,
            func.min(Provider.every_s).label("every_s"),
            func.min(Provider.next_at).label("next_at"),
            func.max(Provider.last_check_at).label("last_at"),
        )
        .where(Provider.category.in_(categories), Provider.paused.is_(False))
        .group_by(Provider.category)
    )
    return list(connection.execute(query).mappings())


def ids_of(connection: Connection, category: str) -> list[str]:
    """Return the ids of a category's providers."""
    query = select(Provider.id).where(Provider.category == category)
    return list(connection.execute(query).scalars())


def freshness(connection: Connection, *, limit: int) -> list[RowMapping]:
    """Return who is collected from, by name, with what was had of each last.

    Paused ones are left out.
    """
    its = aliased(ProviderCollection)
    number = (
        select(its.number)
        .where(its.provider_id == Provider.id, its.skip_reason.is_(None))
        .order_by(its.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(
            Provider.id,
            Provider.name,
            Provider.category,
            Provider.collection,
            number.label("number"),
        )
        .where(Provider.collection.is_not(None), Provider.paused.is_(False))
        .order_by(Provider.name)
        .limit(limit)
        .subquery()
    )
    query = (
        select(
            *(found.c.name, found.c.category, found.c.collection),
            ProviderCollection.at,
            ProviderCollection.data_at,
            ProviderCollection.quality,
        )
        .outerjoin_from(
            found,
            ProviderCollection,
            and_(
                ProviderCollection.provider_id == found.c.id,
                ProviderCollection.number == found.c.number,
            ),
        )
        .order_by(found.c.name)
    )
    return list(connection.execute(query).mappings())


def punctuality(connection: Connection, *, since: float) -> dict[str, Punctuality]:
    """Return how many checks since then began on time, by provider."""
    late_by = ProviderCheck.at - ProviderCheck.due_at
    share = Provider.every_s * ON_TIME_SHARE
    allowed = case((share > ON_TIME_SECONDS, share), else_=ON_TIME_SECONDS)
    query = (
        select(
            ProviderCheck.provider_id,
            func.count().label("checks"),
            func.count().filter(late_by <= allowed).label("on_time"),
        )
        .join(Provider, Provider.id == ProviderCheck.provider_id)
        .where(ProviderCheck.at >= since)
        .group_by(ProviderCheck.provider_id)
    )
    return {
        row.provider_id: Punctuality(row.checks, row.on_time)
        for row in connection.execute(query)
    }


def recent_failures(
    connection: Connection, *, since: float, limit: int
) -> list[RowMapping]:
    """Return the latest checks that failed, with their providers' names."""
    query = (
        select(*ProviderCheck.__table__.columns, Provider.name.label("provider"))
        .join(Provider, Provider.id == ProviderCheck.provider_id)
        .where(
            ProviderCheck.at >= since,
            ProviderCheck.outcome.in_([each.value for each in FAILURES]),
        )
        .order_by(ProviderCheck.at.desc())
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def checks_by_hour(
    connection: Connection, *, since: float, provider_id: str | None
) -> dict[int, RowMapping]:
    """Return what checks came to by hour, of one provider or of all of them."""
    query = (
        select(
            ProviderHour.hour,
            func.sum(ProviderHour.success).label("success"),
            func.sum(_FAILED).label("failed"),
            func.sum(ProviderHour.timed).label("timed"),
            func.sum(ProviderHour.sum_ms).label("sum_ms"),
        )
        .where(ProviderHour.hour >= hour_of(since))
        .group_by(ProviderHour.hour)
    )
    if provider_id is not None:
        query = query.where(ProviderHour.provider_id == provider_id)
    return {row["hour"]: row for row in connection.execute(query).mappings()}


def usage_by_hour(
    connection: Connection, *, since: float, provider_id: str | None, budgets: int
) -> list[RowMapping]:
    """Return how full budgets were by hour, at their fullest: of the fullest ones."""
    share = ProviderUsage.used * 100.0 / ProviderUsage.limit_value
    which = [ProviderUsage.at >= since]
    if provider_id is not None:
        which.append(ProviderUsage.provider_id == provider_id)
    budget = (ProviderUsage.provider_id, ProviderUsage.per)
    fullest = (
        select(*budget)
        .where(*which)
        .group_by(*budget)
        .order_by(func.max(share).desc(), *budget)
        .limit(budgets)
    )
    hour = _hour(ProviderUsage.at)
    query = (
        select(
            Provider.name,
            ProviderUsage.per,
            hour.label("hour"),
            func.max(share).label("percentage"),
        )
        .join(Provider, Provider.id == ProviderUsage.provider_id)
        .where(*which, tuple_(*budget).in_(fullest))
        .group_by(Provider.name, ProviderUsage.per, hour)
        .order_by(Provider.name, ProviderUsage.per, hour)
    )
    return list(connection.execute(query).mappings())


def collected_by_hour(
    connection: Connection, *, since: float, provider_id: str | None, limit: int
) -> list[RowMapping]:
    """Return what was collected by hour and provider; ``limit`` rows at the most."""
    hour = _hour(ProviderCollection.at)
    was_had = ProviderCollection.skip_reason.is_(None)
    query = (
        select(
            Provider.name,
            hour.label("hour"),
            func.count().filter(was_had).label("collections"),
            func.avg(ProviderCollection.staleness_s).filter(was_had).label("stale_s"),
            func.avg(ProviderCollection.quality).filter(was_had).label("quality"),
            func.count()
            .filter(ProviderCollection.on_schedule.is_(True))
            .label("on_schedule"),
            func.count().label("rows"),
        )
        .join(Provider, Provider.id == ProviderCollection.provider_id)
        .where(ProviderCollection.at >= since)
        .group_by(Provider.name, hour)
        .order_by(Provider.name, hour)
        .limit(limit)
    )
    if provider_id is not None:
        query = query.where(ProviderCollection.provider_id == provider_id)
    return list(connection.execute(query).mappings())


def _hour(moment: InstrumentedAttribute[float]) -> ColumnElement[int]:
    """Return the number of the hour since 1970."""
    # Of whole seconds: what else rounds down is not the same in both databases.
    return cast(moment, BigInteger) // int(SECONDS_AN_HOUR)
