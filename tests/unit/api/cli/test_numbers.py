from datetime import UTC, datetime

import pytest

from api.cli.numbers import age, amount, percent, rate, seconds, shortened, sparkline


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (6124, "6,124"), (-1000, "-1,000"), (0.125, "0.125"), (1e9, "1e+09")],
)
def test_an_amount_is_grouped(value: float | None, text: str) -> None:
    assert amount(value) == text


@pytest.mark.parametrize(
    ("gap", "text"),
    [(None, "-"), (0.0, "0 %"), (0.2588, "25.88 %"), (1e-9, "< 0.01 %")],
)
def test_only_a_gap_of_zero_reads_as_zero(gap: float | None, text: str) -> None:
    assert percent(gap) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (5.04, "5.0 s"), (61, "1 min 01 s"), (3725, "1 h 02 min")],
)
def test_seconds_are_told_in_fitting_units(value: float | None, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (50, "5 /s"), (12_345, "1.23 k/s"), (5e7, "5 M/s")],
)
def test_a_rate_has_three_figures(count: float, text: str) -> None:
    assert rate(count, 10.0) == text


def test_a_falling_incumbent_is_a_falling_line() -> None:
    line = sparkline([(0.0, 90), (5.0, 50), (9.0, 10)], until=10.0, width=10)
    assert line == "".join(sorted(line, reverse=True))
    assert (line[0], line[-1]) == ("█", "▁")


def test_a_line_without_change_is_flat() -> None:
    assert sparkline([(0.0, 7)], until=3.0, width=4) == "▁▁▁▁"
    assert sparkline([], until=3.0, width=4) == ""


def test_a_long_permutation_tells_what_it_hides() -> None:
    assert shortened(range(15)).endswith("10 11 … (3 more)")
    assert shortened([1, 0]) == "1 0"


def test_an_age_is_told_in_its_largest_unit() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert age("2026-01-02T03:04:00.000Z", now) == "5 s"
    assert age("2026-01-02T00:04:05.000Z", now) == "3 h"
