"""Moments, skips and allowances: against a plain count of moments."""

import math

import pytest

from db.contracts import beat_run
from db.contracts.beat_run import Moment, allowance, moment_of, overdue, skips_by_hour


@pytest.mark.parametrize(
    ("sent_at", "moment"),
    [
        (110.0, Moment(110.0, 0)),
        (113.0, Moment(110.0, 0)),
        (118.9, Moment(110.0, 0)),
        (119.5, Moment(120.0, 1)),
        (125.0, Moment(120.0, 1)),
        (151.0, Moment(150.0, 4)),
        # A little early is on its moment still, much earlier is nobody's.
        (109.5, Moment(110.0, 0)),
        (104.0, Moment(104.0, 0, is_extra=True)),
    ],
)
def test_a_run_belongs_to_the_latest_moment_that_has_come(
    sent_at: float, moment: Moment
) -> None:
    assert moment_of(sent_at, after=100.0, every_seconds=10.0) == moment


def test_the_first_run_is_expected_when_it_comes() -> None:
    assert moment_of(5.0, after=None, every_seconds=10.0) == Moment(5.0, 0)


def test_a_run_may_be_late_by_a_second_or_a_tenth_of_its_period() -> None:
    assert [allowance(every) for every in (1.0, 10.0, 3600.0)] == [1.0, 1.0, 360.0]


def test_what_nobody_ran_is_overdue_once_it_is_late() -> None:
    assert [overdue(since, 10.0) for since in (5.0, 10.5, 11.5, 35.0)] == [0, 0, 1, 3]


def test_the_share_of_no_moments_is_unknown() -> None:
    assert beat_run.compliance(0, 0, 0) is None
    assert beat_run.compliance(3, 1, 0) == 0.75


@pytest.mark.parametrize("every", [1.0, 7.3, 600.0, 3600.0, 5000.0])
@pytest.mark.parametrize("after", [0.0, 3599.0, 12_345.6])
def test_each_skipped_moment_is_counted_in_its_hour(every: float, after: float) -> None:
    count = math.ceil(20_000 / every)
    expected: dict[int, int] = {}
    for number in range(1, count + 1):
        hour = int((after + number * every) // 3600) * 3600
        expected[hour] = expected.get(hour, 0) + 1
    assert skips_by_hour(after, every, count) == expected
