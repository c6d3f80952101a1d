"""What findings are made of, read boundedly: the latest jobs, and hours kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import aliased

from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.kinds.solve import SOLVE
from db.contracts.series import Tier
from db.models import Job, MetricPoint, Provider, ProviderHour
from db.repositories import metric_points

LATEST_ENDED = 20_000
"""Jobs that ended last, among which others are looked for."""
LATEST_SOLVES = 2000
"""Of which requests and results are read."""
LATEST_WORKS = 5000
PROVIDERS = 100
"""Those that matter most; chosen by nothing that is tested."""
LARGEST_READ = 300
"""Facilities of solves whose results are read, for their courses: each has its whole
permutation."""
OTHER_ENDS = ("iterations", "target_objective", "gap", "stall_s")


@dataclass(frozen=True, slots=True)
class TimedSolve:
    """A solve that had nothing but its time to stop it, and a proof."""

    finished_at: float
    instance: str
    order: int
    method: str
    time_s: float
    objective: float
    elapsed_s: float
    improvements: tuple[tuple[float, float], ...]


def timed_solves(connection: Connection, *, since: float) -> list[TimedSolve]:
    """Return the latest solves that may be compared at equal time."""
    latest = (
        select(Job.id, Job.finished_at)
        .where(Job.state == JobState.SUCCEEDED.value, Job.finished_at > since)
        .order_by(Job.finished_at.desc())
        .limit(LATEST_ENDED)
        .subquery()
    )
    rows = connection.execute(
        select(
            Job.finished_at,
            Job.instance_sha256,
            Job.matrix_order,
            Job.method,
            Job.objective,
            Job.elapsed_s,
            Job.request,
            case((Job.matrix_order <= LARGEST_READ, Job.result)).label("result"),
        )
        .join(latest, latest.c.id == Job.id)
        .where(
            Job.kind == SOLVE.name,
            Job.cached_from.is_(None),
            Job.instance_sha256.is_not(None),
            Job.objective.is_not(None),
            Job.elapsed_s.is_not(None),
        )
        .order_by(latest.c.finished_at.desc())
        .limit(LATEST_SOLVES)
    )
    return list(_timed(rows))


def _timed(rows: Any) -> Iterator[TimedSolve]:
    for row in rows:
        request = json.loads(row.request)
        limits = request.get("limits") or {}
        if limits.get("time_s") is None or any(limits.get(x) for x in OTHER_ENDS):
            continue
        if request.get("start") or request.get("island") is not None:
            continue
        if request.get("parameters"):
            # Not the method as it is, but as somebody has set it.
            continue
        result = json.loads(row.result) if row.result else {}
        yield TimedSolve(
            finished_at=row.finished_at,
            instance=row.instance_sha256,
            order=row.matrix_order or request["order"],
            method=row.method or request["method"],
            time_s=limits["time_s"],
            objective=row.objective,
            elapsed_s=row.elapsed_s,
            improvements=tuple(
                (float(at), float(each)) for at, each in result.get("improvements", ())
            ),
        )


@dataclass(frozen=True, slots=True)
class HourOfJobs:
    """What the jobs that ended in an hour have waited and run."""

    hour: int
    jobs: int
    wait_s: float
    run_s: float


def hours_of_jobs(connection: Connection, *, since: float) -> list[HourOfJobs]:
    """Return them of the latest jobs that a worker ran, oldest first."""
    latest = (
        select(Job.created_at, Job.started_at, Job.finished_at)
        .where(Job.finished_at > since)
        .order_by(Job.finished_at.desc(), Job.id.desc())
        .limit(LATEST_ENDED)
        .subquery()
        .c
    )
    hour = func.floor(latest.finished_at / 3600.0).label("hour")
    rows = connection.execute(
        select(
            hour,
            func.count(),
            func.avg(latest.started_at - latest.created_at),
            func.avg(latest.finished_at - latest.started_at),
        )
        .where(latest.started_at.is_not(None))
        .group_by(hour)
        .order_by(hour)
    ).all()
    # The first hour is cut where the limit is.
    return [HourOfJobs(int(row[0]), *row[1:]) for row in rows[1:]]


@dataclass(frozen=True, slots=True)
class DoneWork:
    """A solve that the cache might have answered."""

    finished_at: float
    elapsed_s: float
    is_redone: bool


def done_works(connection: Connection, *, since: float) -> list[DoneWork]:
    """Return the latest ones, and whether equal work had ended before they came."""
    latest = (
        select(Job.finished_at, Job.created_at, Job.elapsed_s, Job.fingerprint, Job.id)
        .where(
            Job.state == JobState.SUCCEEDED.value,
            Job.finished_at > since,
            Job.fingerprint.is_not(None),
            Job.cached_from.is_(None),
            Job.follows.is_(None),
        )
        .order_by(Job.finished_at.desc())
        .limit(LATEST_WORKS)
        .subquery()
        .c
    )
    earlier = aliased(Job)
    is_redone = (
        select(earlier.id)
        .where(
            earlier.fingerprint == latest.fingerprint,
            earlier.finished_at < latest.created_at,
            earlier.state == JobState.SUCCEEDED.value,
        )
        .exists()
    )
    rows = connection.execute(select(latest.finished_at, latest.elapsed_s, is_redone))
    return [DoneWork(row[0], row[1] or 0.0, bool(row[2])) for row in rows]


def kept_hours(
    connection: Connection, series: str, *, since: float, until: float
) -> dict[int, metric_points.Point]:
    """Return a series by hours since 1970."""
    points = metric_points.read(connection, series, Tier.HOUR, since=since, until=until)
    return {round(at / 3600): point for at, point in points.items()}


def ended_and_failed(
    connection: Connection, *, since: float, until: float
) -> list[tuple[int, int, int]]:
    """Return hour by hour how many jobs ended, and how many of them failed."""
    ended = [f"jobs_ended.{each}" for each in KINDS]
    failed = [f"jobs_failed.{each}" for each in KINDS]
    rows = connection.execute(
        select(MetricPoint.at, MetricPoint.series, MetricPoint.total).where(
            MetricPoint.tier == Tier.HOUR.value,
            MetricPoint.series.in_(ended + failed),
            MetricPoint.at >= since,
            MetricPoint.at < until,
        )
    )
    totals: dict[int, list[int]] = {}
    for at, series, total in rows:
        hour = totals.setdefault(round(at / 3600), [0, 0])
        hour[series in failed] += round(total)
    return [(hour, *map(int, totals[hour])) for hour in sorted(totals)]  # type: ignore[misc]


def provider_hours(
    connection: Connection, *, since_hour: int, until_hour: int
) -> tuple[dict[str, list[tuple[int, int, int]]], dict[str, str]]:
    """Return of each provider its hours, checks and failures; and what it is called."""
    names = {
        row[0]: row[1]
        for row in connection.execute(
            select(Provider.id, Provider.name)
            .where(Provider.paused.is_(False))
            .order_by(Provider.tier, Provider.id)
            .limit(PROVIDERS)
        )
    }
    bad = ProviderHour.failed + ProviderHour.timeout
    rows = connection.execute(
        select(
            ProviderHour.provider_id,
            ProviderHour.hour,
            ProviderHour.success + bad,
            bad,
        )
        .where(
            ProviderHour.provider_id.in_(names),
            ProviderHour.hour >= since_hour,
            ProviderHour.hour < until_hour,
        )
        .order_by(ProviderHour.hour)
    )
    found: dict[str, list[tuple[int, int, int]]] = {}
    for provider_id, hour, total, failed in rows:
        found.setdefault(provider_id, []).append((hour, total, failed))
    return found, names
