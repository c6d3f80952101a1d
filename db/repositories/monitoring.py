"""What the earlier monitoring system asked of the record, all providers together."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.contracts.provider import ProviderState
from db.models import (
    Provider,
    ProviderHour,
)

SECONDS_AN_HOUR = 3600.0
_HAS_LIMITS = Provider.limits != "[]"


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
    failed = func.sum(
        ProviderHour.failed + ProviderHour.timeout + ProviderHour.rate_limited
    )
    query = select(func.coalesce(failed, 0)).where(
        ProviderHour.hour >= int(since // SECONDS_AN_HOUR)
    )
    return int(connection.execute(query).scalar_one())
