"""The service's numbers over time: sampled once a period, rolled up, let go.

What is written is final: a sample belongs to a period that nobody has sampled before,
and periods are rolled up when no sample of theirs can come any more. So two who do it
at once, or one who does it twice, change nothing.
"""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.series import SERIES, SeriesKind, Tier
from db.engine import now
from db.models import MetricMark, MetricPoint
from db.repositories.endpoints import lock
from db.tally import Histogram

COUNTED_WITHIN = 60.0
"""What counters grew by in a longer time than this belongs to no period."""
ROLLED_AT_ONCE = {Tier.MINUTE: 600.0, Tier.HOUR: 3600.0}
"""Seconds of a tier that one turn reads."""
_BELOW = {Tier.MINUTE: Tier.RAW, Tier.HOUR: Tier.MINUTE}
_ONLY = 1


@dataclass(frozen=True, slots=True)
class Processors:
    """Seconds that a host's processors have been at work, and altogether."""

    host: str
    busy_s: float
    all_s: float


@dataclass(frozen=True, slots=True)
class Totals:
    """What counters stood at, at one moment."""

    at: float
    counters: Mapping[str, float]
    histograms: Mapping[str, Histogram]
    processors: Processors | None = None

    def to_json(self) -> str:
        return json.dumps(
            {
                "at": self.at,
                "counters": dict(self.counters),
                "histograms": {
                    name: [each.sum, _plain(each)]
                    for name, each in self.histograms.items()
                },
                "processors": self.processors and asdict(self.processors),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        found = json.loads(text)
        return cls(
            found["at"],
            found["counters"],
            {
                name: _histogram(buckets, total)
                for name, (total, buckets) in found["histograms"].items()
            },
            found["processors"] and Processors(**found["processors"]),
        )


@dataclass(slots=True)
class Point:
    """What a series came to in a period."""

    samples: int = 0
    total: float = 0.0
    least: float | None = None
    greatest: float | None = None
    histogram: Histogram = field(default_factory=Histogram)

    @property
    def mean(self) -> float:
        """Of a gauge's samples; there is at least one."""
        return self.total / self.samples

    def merge(self, other: Self) -> None:
        """Take in what came of another period, or a part of this one."""
        self.samples += other.samples
        self.total += other.total
        self.least = _of(min, self.least, other.least)
        self.greatest = _of(max, self.greatest, other.greatest)
        self.histogram.merge(other.histogram)


def period_at(moment: float, tier: Tier) -> float:
    """Return when the period began that a moment is in."""
    return moment // tier.seconds * tier.seconds


def due_period(connection: Connection) -> float | None:
    """Return the present period, unless it was sampled."""
    moment = connection.execute(select(now())).scalar_one()
    mark = _mark(connection)
    present = period_at(moment, Tier.RAW)
    return None if mark is not None and mark.sampled_at >= present else present


def record(
    connection: Connection,
    at: float,
    gauges: Mapping[str, float],
    totals: Totals | None,
) -> bool:
    """Write the sample of a period; return False where somebody else has.

    ``at`` was asked for before the numbers were read: `due_period`. Without ``totals``
    counters go on from where they were last known.
    """
    lock(connection, "metric points")
    mark = _mark(connection)
    if mark is not None and mark.sampled_at >= at:
        return False
    points = {name: Point(1, each, each, each) for name, each in gauges.items()}
    if totals is not None and mark is not None:
        before = Totals.from_json(mark.totals)
        if totals.at - before.at <= COUNTED_WITHIN:
            points |= _grown(before, totals)
    _insert(connection, Tier.RAW, {(name, at): each for name, each in points.items()})
    if mark is None:
        known = totals or Totals(0.0, {}, {})
        row = {"sampled_at": at, "minute_at": 0.0, "hour_at": 0.0}
        values = {"id": _ONLY, **row, "totals": known.to_json()}
        connection.execute(MetricMark.__table__.insert(), values)  # type: ignore[attr-defined]
        return True
    changes: dict[str, object] = {"sampled_at": at}
    if totals is not None:
        changes["totals"] = totals.to_json()
    connection.execute(update(MetricMark).values(changes))
    return True


def roll_up(connection: Connection) -> None:
    """Roll up some periods that are over: samples to minutes, minutes to hours."""
    lock(connection, "metric points")
    mark = _mark(connection)
    if mark is None:
        return
    minute_at = _roll(connection, Tier.MINUTE, mark.minute_at, mark.sampled_at)
    hour_at = _roll(connection, Tier.HOUR, mark.hour_at, minute_at)
    if (minute_at, hour_at) != (mark.minute_at, mark.hour_at):
        connection.execute(
            update(MetricMark).values(minute_at=minute_at, hour_at=hour_at)
        )


def forget(connection: Connection, kept_seconds: Mapping[Tier, float]) -> int:
    """Delete points of long ago that were rolled up; return how many."""
    mark = _mark(connection)
    if mark is None:
        return 0
    moment = connection.execute(select(now())).scalar_one()
    rolled_up = {Tier.RAW: mark.minute_at, Tier.MINUTE: mark.hour_at}
    deleted = 0
    for tier, seconds in kept_seconds.items():
        before = min(moment - seconds, rolled_up.get(tier, math.inf))
        deleted += connection.execute(
            delete(MetricPoint).where(
                MetricPoint.tier == tier.value, MetricPoint.at < before
            )
        ).rowcount
    return deleted


def read(
    connection: Connection, series: str, tier: Tier, *, since: float, until: float
) -> dict[float, Point]:
    """Return the points of one series whose periods began from ``since`` on.

    Those before ``until``; what was not sampled is not there.
    """
    query = (
        select(MetricPoint)
        .where(
            MetricPoint.series == series,
            MetricPoint.tier == tier.value,
            MetricPoint.at >= since,
            MetricPoint.at < until,
        )
        .order_by(MetricPoint.at)
    )
    return {
        row["at"]: _point(row) for row in connection.execute(query).mappings().all()
    }


def _roll(connection: Connection, tier: Tier, done: float, known: float) -> float:
    """Roll up what began from ``done`` on and is final; return how far that is.

    Nothing will be written below ``known``.
    """
    end = period_at(known, tier)
    below = (
        MetricPoint.tier == _BELOW[tier].value,
        MetricPoint.at >= done,
        MetricPoint.at < end,
    )
    first = connection.execute(select(func.min(MetricPoint.at)).where(*below)).scalar()
    if first is None:
        return max(done, end)
    end = min(end, period_at(first, tier) + ROLLED_AT_ONCE[tier])
    rows = connection.execute(
        select(MetricPoint).where(*below, MetricPoint.at < end)
    ).mappings()
    rolled: defaultdict[tuple[str, float], Point] = defaultdict(Point)
    for row in rows:
        rolled[row["series"], period_at(row["at"], tier)].merge(_point(row))
    _insert(connection, tier, rolled)
    return end


def _grown(before: Totals, after: Totals) -> dict[str, Point]:
    """Return what counters grew by; one that has become less was reset meanwhile."""
    points = {}
    for name, total in after.counters.items():
        known = before.counters.get(name, 0.0)
        points[name] = Point(1, total - known if total >= known else total)
    for name, histogram in after.histograms.items():
        known_before = before.histograms.get(name)
        grown = _difference(histogram, known_before)
        points[name] = Point(1, grown.sum, histogram=grown)
    share = _busy_share(before.processors, after.processors)
    if share is not None:
        points["host_cpu_ratio"] = Point(1, share, share, share)
    return points


def _busy_share(before: Processors | None, after: Processors | None) -> float | None:
    """Return how busy a host was; None where the samples are of two, or of none."""
    if before is None or after is None or before.host != after.host:
        return None
    busy_s, all_s = after.busy_s - before.busy_s, after.all_s - before.all_s
    return min(1.0, max(0.0, busy_s / all_s)) if all_s > 0 else None


def _difference(after: Histogram, before: Histogram | None) -> Histogram:
    if before is None or any(
        amount > after.buckets.get(bucket, 0.0)
        for bucket, amount in before.buckets.items()
    ):
        return after
    grown = Histogram()
    grown.sum = after.sum - before.sum
    for bucket, amount in after.buckets.items():
        more = amount - before.buckets.get(bucket, 0.0)
        if more:
            grown.buckets[bucket] = more
    return grown


def _insert(
    connection: Connection, tier: Tier, points: Mapping[tuple[str, float], Point]
) -> None:
    if not points:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        insert(MetricPoint).on_conflict_do_nothing(),
        [
            {
                "series": name,
                "tier": tier.value,
                "at": at,
                "samples": each.samples,
                "total": each.total,
                "least": each.least,
                "greatest": each.greatest,
                "buckets": json.dumps(_plain(each.histogram))
                if SERIES[name].kind is SeriesKind.HISTOGRAM
                else None,
            }
            for (name, at), each in points.items()
        ],
    )


def _mark(connection: Connection) -> MetricMark | None:
    row = connection.execute(select(MetricMark)).mappings().one_or_none()
    return None if row is None else MetricMark(**row)


def _point(row: Mapping[Any, Any]) -> Point:
    point = Point(row["samples"], row["total"], row["least"], row["greatest"])
    if row["buckets"] is not None:
        point.histogram = _histogram(json.loads(row["buckets"]), row["total"])
    return point


def _plain(histogram: Histogram) -> dict[str, float]:
    return {str(bucket): amount for bucket, amount in histogram.buckets.items()}


def _histogram(buckets: Mapping[str, float], total: float) -> Histogram:
    found = Histogram()
    found.sum = total
    for bucket, amount in buckets.items():
        found.buckets[int(bucket)] = amount
    return found


def _of(choose: Callable[[list[float]], float], *values: float | None) -> float | None:
    known = [each for each in values if each is not None]
    return choose(known) if known else None
