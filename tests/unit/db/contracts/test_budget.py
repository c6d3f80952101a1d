"""When a budget is told of, and when it is spent."""

import pytest

from db.contracts.budget import Usage, end_of_window, window_of
from db.contracts.provider import Limit, Window


def usage(used: int, calls: int) -> Usage:
    return Usage(Limit(per=Window.MINUTE, calls=calls), used, 60.0)


@pytest.mark.parametrize(
    ("used", "percentage", "status"),
    [
        (0, 0, "ok"),
        (79, 79, "ok"),
        (80, 80, "warning"),
        (99, 99, "warning"),
        (100, 100, "blocked"),
        (130, 130, "blocked"),
    ],
)
def test_four_fifths_warn_and_all_block(
    used: int, percentage: float, status: str
) -> None:
    assert (usage(used, 100).percentage, usage(used, 100).status) == (
        percentage,
        status,
    )


@pytest.mark.parametrize("calls", [1, 2, 3, 5, 19, 20, 100, 1000])
def test_each_severity_is_crossed_once_a_window(calls: int) -> None:
    crossed = [usage(used, calls).crossed for used in range(1, calls + 1)]
    told = [each for each in crossed if each is not None]
    # Of few calls one may be beyond both.
    assert told in (["warning", "critical"], ["critical"])
    first = next(n for n, each in enumerate(crossed, start=1) if each is not None)
    assert first * 100 >= 80 * calls > (first - 1) * 100
    critical = 1 + crossed.index("critical")
    assert critical * 100 >= 95 * calls > (critical - 1) * 100


def test_windows_begin_with_the_clock() -> None:
    hour = Limit(per=Window.HOUR, calls=1)
    assert window_of(hour, 7199.9) == 1
    assert window_of(hour, 7200.0) == 2
    assert end_of_window(hour, 1) == 7200.0
