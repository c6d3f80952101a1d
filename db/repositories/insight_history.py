"""What insights are made of: the latest solves, and hours of series. Bounded reads."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from db.contracts.job_state import JobState
from db.contracts.kinds.solve import SOLVE
from db.contracts.series import SERIES, SeriesKind, Tier
from db.models import Job, MetricPoint, Provider, ProviderHour
from db.repositories import metric_points

LATEST_SOLVES = 3000
LATEST_COURSES = 300
PROVIDERS = 200
HOUR = 3600.0

Points = dict[str, dict[float, float]]
"""By series, the number of each hour by its beginning."""


def latest_solves(connection: Connection) -> Sequence[RowMapping]:
    """Return solves that succeeded and did their work themselves, latest first."""
    query = (
        select(
            Job.id,
            Job.method,
            Job.instance_sha256,
            Job.matrix_order,
            Job.objective,
            Job.elapsed_s,
            Job.fingerprint,
            Job.finished_at,
            Job.request,
        )
        .where(
            Job.state == JobState.SUCCEEDED.value,
            Job.finished_at.is_not(None),
            Job.kind == SOLVE.name,
            Job.cached_from.is_(None),
            Job.objective.is_not(None),
            Job.elapsed_s.is_not(None),
        )
        .order_by(Job.finished_at.desc())
        .limit(LATEST_SOLVES)
    )
    return connection.execute(query).mappings().all()


def results_of(connection: Connection, job_ids: Sequence[str]) -> dict[str, str]:
    """Return the results of these jobs, as far as they are kept; at most some."""
    query = select(Job.id, Job.result).where(
        Job.id.in_(job_ids[:LATEST_COURSES]), Job.result.is_not(None)
    )
    return {row.id: row.result for row in connection.execute(query)}


def hours_of_series(
    connection: Connection, names: Sequence[str], *, since: float, until: float
) -> Points:
    """Return what counters grew by in each hour; the mean of gauges and histograms."""
    points: Points = {}
    for name in names:
        found = metric_points.read(
            connection, name, Tier.HOUR, since=since, until=until
        )
        told = {}
        for at, point in found.items():
            match SERIES[name].kind:
                case SeriesKind.COUNTER:
                    told[at] = point.total
                case SeriesKind.HISTOGRAM:
                    if point.histogram.count:
                        told[at] = point.histogram.mean
                case _:
                    told[at] = point.mean
        points[name] = told
    return points


def hours_of_providers(
    connection: Connection, *, since: float, until: float
) -> dict[str, dict[float, tuple[int, int]]]:
    """Return how many calls there were, and how many failed, by name and hour.

    Of some providers, those that matter most first; what is paused is left out.
    """
    watched = (
        select(Provider.id, Provider.name)
        .where(Provider.paused.is_(False))
        .order_by(Provider.tier, Provider.name)
        .limit(PROVIDERS)
        .subquery()
    )
    query = select(
        watched.c.name,
        ProviderHour.hour,
        ProviderHour.success,
        ProviderHour.failed,
        ProviderHour.timeout,
        ProviderHour.rate_limited,
    ).where(
        ProviderHour.provider_id == watched.c.id,
        ProviderHour.hour >= int(since // HOUR),
        ProviderHour.hour < int(until // HOUR),
    )
    found: dict[str, dict[float, tuple[int, int]]] = defaultdict(dict)
    for row in connection.execute(query):
        failures = row.failed + row.timeout + row.rate_limited
        found[row.name][row.hour * HOUR] = (row.success + failures, failures)
    return dict(found)


def newest_hour(connection: Connection) -> float | None:
    """Return when the last hour began that is rolled up."""
    query = (
        select(MetricPoint.at)
        .where(MetricPoint.tier == Tier.HOUR.value)
        .order_by(MetricPoint.at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()
