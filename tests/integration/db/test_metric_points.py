"""Samples, minutes and hours: written once, rolled up exactly, let go when old."""

import threading
from bisect import bisect_left
from collections.abc import Iterable

import numpy as np
import pytest
from sqlalchemy import func, select, update

from db.contracts.metric import BOUNDS
from db.contracts.series import Tier
from db.engine import Database
from db.models import MetricMark, MetricPoint
from db.repositories import metric_points
from db.repositories.metric_points import Point, Processors, Totals
from db.tally import Histogram

BEGIN = 1_800_000_000.0
"""The first second of an hour."""
GAUGE, COUNTER, TIMES = "workers", "http_requests", "http_duration"


def observe(into: Histogram, seconds: Iterable[float]) -> None:
    for each in seconds:
        into.add("sum", each)
        into.add(str(bisect_left(BOUNDS, each)), 1)


def numbers(point: Point) -> tuple[float | None, ...]:
    return (point.samples, point.total, point.least, point.greatest)


def record(
    database: Database,
    at: float,
    value: float | None = None,
    *,
    count: float | None = None,
    times: Histogram | None = None,
    processors: Processors | None = None,
    late_s: float = 0.0,
) -> bool:
    """Sample; ``count`` and ``times`` are all that there ever were."""
    totals = None
    if count is not None:
        totals = Totals(
            at + late_s, {COUNTER: count}, {TIMES: times or Histogram()}, processors
        )
    with database.transaction() as connection:
        return metric_points.record(
            connection, at, {} if value is None else {GAUGE: value}, totals
        )


def roll_up(database: Database, times: int = 1) -> None:
    for _ in range(times):
        with database.transaction() as connection:
            metric_points.roll_up(connection)


def read(
    database: Database,
    series: str,
    tier: Tier,
    *,
    since: float = 0.0,
    until: float = 1e11,
) -> dict[float, Point]:
    with database.reading() as connection:
        return metric_points.read(connection, series, tier, since=since, until=until)


def test_a_period_is_sampled_once_and_none_before_it(database: Database) -> None:
    assert record(database, BEGIN, 3)
    assert not record(database, BEGIN, 4)
    assert not record(database, BEGIN - 10, 4)
    assert record(database, BEGIN + 10, 5)
    found = read(database, GAUGE, Tier.RAW)
    assert {at - BEGIN: point.mean for at, point in found.items()} == {0: 3, 10: 5}


def test_the_present_period_is_due_until_it_is_sampled(database: Database) -> None:
    with database.reading() as connection:
        due = metric_points.due_period(connection)
    assert due is not None
    assert due % 10 == 0
    record(database, due, 1)
    with database.reading() as connection:
        # The next one may have begun meanwhile.
        assert metric_points.due_period(connection) in {None, due + 10, due + 20}


def test_counters_tell_what_they_grew_by(database: Database) -> None:
    for number, count in enumerate((100.0, 103.0, 103.0, 2.0, 7.0)):
        record(database, BEGIN + 10 * number, count=count)
    grown = [point.total for point in read(database, COUNTER, Tier.RAW).values()]
    # The first has nothing to be compared with; before the fourth there was a reset.
    assert grown == [3, 0, 2, 5]


def test_counters_go_on_after_a_short_gap_and_begin_anew_after_a_long_one(
    database: Database,
) -> None:
    record(database, BEGIN, count=10)
    # While Redis is away.
    record(database, BEGIN + 10, 1)
    record(database, BEGIN + 20, count=25)
    record(database, BEGIN + 100, count=90)
    record(database, BEGIN + 110, count=91)
    found = read(database, COUNTER, Tier.RAW)
    assert {at - BEGIN: point.total for at, point in found.items()} == {20: 15, 110: 1}


def test_minutes_and_hours_come_to_what_their_samples_came_to(
    database: Database,
) -> None:
    values = np.random.default_rng(8).integers(0, 50, 3 * 360).astype(float)
    counted = np.cumsum(values)
    for number, value in enumerate(values):
        record(database, BEGIN + 10 * number, value, count=counted[number])
        if number % 50 == 0:
            roll_up(database)
    roll_up(database, 30)
    minutes, hours = (read(database, GAUGE, each) for each in (Tier.MINUTE, Tier.HOUR))
    # The last of each is not over yet.
    assert list(minutes) == [BEGIN + 60 * number for number in range(179)]
    assert list(hours) == [BEGIN, BEGIN + 3600]
    for found, size in ((minutes, 6), (hours, 360)):
        for at, point in found.items():
            first = int((at - BEGIN) / 10)
            of_it = values[first : first + size]
            assert (point.samples, point.mean) == (size, pytest.approx(of_it.mean()))
            assert (point.least, point.greatest) == (of_it.min(), of_it.max())
    grown = read(database, COUNTER, Tier.HOUR)
    assert grown[BEGIN].total == values[1:360].sum()
    assert grown[BEGIN + 3600].total == values[360:720].sum()


def test_quantiles_of_an_hour_are_those_of_all_observations(
    database: Database,
) -> None:
    draw = np.random.default_rng(9)
    observed: list[float] = []
    known = Histogram()
    record(database, BEGIN, count=0)
    for number in range(1, 361):
        # A busy minute with slow answers: means of quantiles would not see it.
        size, mean = (200, 1.0) if 60 <= number < 66 else (2, 0.01)
        new = list(draw.exponential(mean, size))
        observed += new
        observe(known, new)
        record(database, BEGIN + 10 * number, count=number, times=known)
    roll_up(database, 12)
    (point,) = read(database, TIMES, Tier.HOUR).values()
    within = observed[: point.histogram.count]
    assert point.histogram.count == 359 * 2 + 6 * 198
    for q in (0.5, 0.95, 0.99):
        exact = np.quantile(within, q)
        assert point.histogram.quantile(q) == pytest.approx(exact, rel=0.12)
    assert point.total == pytest.approx(sum(within))


def test_rolling_up_again_changes_nothing_and_gaps_stay(database: Database) -> None:
    for number in (*range(12), *range(60, 73)):
        record(database, BEGIN + 10 * number, number)
    roll_up(database, 5)
    before = {
        at: numbers(point) for at, point in read(database, GAUGE, Tier.MINUTE).items()
    }
    assert [(at - BEGIN) / 60 for at in before] == [0, 1, 10, 11]
    with database.transaction() as connection:
        connection.execute(update(MetricMark).values(minute_at=0.0, hour_at=0.0))
    roll_up(database, 5)
    after = read(database, GAUGE, Tier.MINUTE)
    assert {at: numbers(point) for at, point in after.items()} == before


def test_two_at_once_write_one_sample(database: Database) -> None:
    record(database, BEGIN, count=100)
    together = threading.Barrier(4)
    written: list[bool] = []

    def work() -> None:
        together.wait(30)
        written.append(record(database, BEGIN + 10, 1, count=130))
        roll_up(database)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [False, False, False, True]
    assert read(database, COUNTER, Tier.RAW)[BEGIN + 10].total == 30


def test_a_host_is_as_busy_as_its_processors_were(database: Database) -> None:
    told = [("a", 5.0, 20.0), ("a", 11.0, 28.0), ("b", 90.0, 99.0), ("b", 90.0, 107.0)]
    for number, (host, busy_s, all_s) in enumerate(told):
        processors = Processors(host, busy_s, all_s)
        record(database, BEGIN + 10 * number, count=1, processors=processors)
    found = read(database, "host_cpu_ratio", Tier.RAW)
    assert [point.mean for point in found.values()] == [0.75, 0.0]


def test_each_tier_is_kept_as_long_as_it_should_be(database: Database) -> None:
    # Two hours and a little, thinly sampled.
    for number in range(0, 722, 19):
        record(database, BEGIN + 10 * number, 1)
    roll_up(database, 40)
    kept = dict.fromkeys(Tier, 1e10)
    with database.transaction() as connection:
        assert metric_points.forget(connection, kept) == 0

    def counted() -> dict[str, int]:
        query = select(MetricPoint.tier, func.count().label("number")).group_by(
            MetricPoint.tier
        )
        with database.reading() as connection:
            return {row.tier: row.number for row in connection.execute(query)}

    assert counted() == {"raw": 38, "minute": 37, "hour": 1}
    with database.transaction() as connection:
        # Nothing is as old as this.
        metric_points.forget(connection, kept)
    assert counted() == {"raw": 38, "minute": 37, "hour": 1}
    with database.transaction() as connection:
        # All is older than this, but what is not rolled up stays.
        metric_points.forget(connection, dict.fromkeys(Tier, -1e10))
    assert counted() == {"raw": 1, "minute": 18}
