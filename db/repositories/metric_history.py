"""What the service's numbers were, period by period; what nobody sampled is a gap."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from db.contracts.series import SERIES, SeriesKind, Tier
from db.contracts.watched import WatchedHealth, health_of
from db.repositories.metric_points import Point, period_at, read

MOST_PERIODS = 10_000
"""Of one answer."""
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Period:
    """What a series came to in one period; all is None of a gap."""

    at: float
    samples: int = 0
    value: float | None = None
    """A gauge's or a histogram's mean, what a counter grew by, a ratio; None too where
    there is nothing to make a mean or a ratio of."""
    least: float | None = None
    greatest: float | None = None
    count: int | None = None
    """Of a histogram's observations."""
    quantiles: tuple[float, float, float] | None = None


def periods(
    connection: Connection, series: str, tier: Tier, *, since: float, until: float
) -> list[Period]:
    """Return every period that began from ``since`` on and before ``until``."""
    first = period_at(since, tier)
    begins = [
        at
        for number in range(int((until - first) // tier.seconds) + 1)
        if since <= (at := first + number * tier.seconds) < until
    ]
    registered = SERIES[series]
    if registered.kind is SeriesKind.RATIO:
        counters = {
            name: read(connection, name, tier, since=since, until=until)
            for name in registered.of
        }
        return [_ratio(at, registered.of, counters) for at in begins]
    points = read(connection, series, tier, since=since, until=until)
    return [_period(at, registered.kind, points.get(at)) for at in begins]


def _period(at: float, kind: SeriesKind, point: Point | None) -> Period:
    if point is None:
        return Period(at)
    if kind is SeriesKind.GAUGE:
        return Period(at, point.samples, point.mean, point.least, point.greatest)
    if kind is SeriesKind.COUNTER:
        return Period(at, point.samples, point.total)
    observed = point.histogram
    if not observed.count:
        return Period(at, point.samples, count=0)
    low, high, highest = (observed.quantile(q) for q in QUANTILES)
    return Period(
        at,
        point.samples,
        observed.mean,
        count=observed.count,
        quantiles=(low, high, highest),
    )


def _ratio(
    at: float, of: tuple[str, ...], counters: Mapping[str, Mapping[float, Point]]
) -> Period:
    found = [counters[name].get(at) for name in of]
    known = [point for point in found if point is not None]
    if len(known) < len(found):
        return Period(at)
    part, *whole = (point.total for point in known)
    return Period(at, known[0].samples, part / sum(whole) if sum(whole) else None)


@dataclass(frozen=True, slots=True)
class WatchedThen:
    """All that is watched, as the earlier monitor's ``system_metrics`` rows had it."""

    timestamp: float
    total_providers: int
    online_count: int
    degraded_count: int
    offline_count: int
    avg_response_time_ms: float | None
    total_requests_hour: int
    total_failures_hour: int
    system_health: WatchedHealth | None
    """None where nobody was watched, or nothing was known of them yet."""


_FIELDS = {
    "total_providers": "providers",
    "online_count": "providers_online",
    "degraded_count": "providers_degraded",
    "offline_count": "providers_offline",
    "avg_response_time_ms": "provider_response",
    "total_requests_hour": "provider_requests_hour",
    "total_failures_hour": "provider_failures_hour",
}


def watched_over_time(
    connection: Connection, *, since: float, until: float
) -> list[WatchedThen]:
    """Return how the watched were, oldest first; what was not sampled is left out.

    Up to an hour as it was sampled, up to two days by minutes, else by hours: then
    counts are means, rounded.
    """
    span = until - since
    tier = Tier.RAW if span <= 3600 else Tier.MINUTE if span <= 172_800 else Tier.HOUR
    found = {
        name: read(connection, series, tier, since=since, until=until)
        for name, series in _FIELDS.items()
    }
    took = found.pop("avg_response_time_ms")
    rows = []
    for at in sorted(set.intersection(*(set(points) for points in found.values()))):
        means = {name: points[at].mean for name, points in found.items()}
        online = means["online_count"]
        known = online + means["degraded_count"] + means["offline_count"]
        rows.append(
            WatchedThen(
                timestamp=at,
                avg_response_time_ms=round(took[at].mean, 3) if at in took else None,
                system_health=health_of(online / known) if known else None,
                **{name: round(mean) for name, mean in means.items()},
            )
        )
    return rows
