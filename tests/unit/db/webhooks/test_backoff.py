from datetime import UTC, datetime, timedelta

import pytest

from db.webhooks.backoff import next_delay, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def test_the_schedule_is_the_documented_one() -> None:
    delays = [next_delay(tries, jitter=0.5) for tries in range(11)]
    minutes = [d and d / timedelta(minutes=1) for d in delays]
    hours = [60.0 * h for h in (2, 5, 10, 14, 20, 24)]
    assert minutes == [timedelta(0), 5 / 60, 5, 30, *hours, None]


@pytest.mark.parametrize("tries", range(10))
def test_jitter_moves_a_delay_by_a_tenth_at_most(tries: int) -> None:
    middle = next_delay(tries, jitter=0.5)
    least = next_delay(tries, jitter=0.0)
    most = next_delay(tries, jitter=0.999999)
    assert middle is not None
    assert least == middle * 0.9
    assert most is not None
    assert middle <= most <= middle * 1.1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("0", timedelta(0)),
        ("120", timedelta(seconds=120)),
        (" 7 ", timedelta(seconds=7)),
        ("86401", DAY),
        ("9" * 30, DAY),
        ("Sun, 22 Nov 2026 12:01:30 GMT", timedelta(seconds=90)),
        ("Sunday, 22-Nov-26 12:01:30 GMT", timedelta(seconds=90)),
        ("Sun Nov 22 12:01:30 2026", timedelta(seconds=90)),
        ("Sun, 22 Nov 2026 12:01:30 -0000", timedelta(seconds=90)),
        ("Fri, 20 Nov 2026 12:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
    ],
)
def test_retry_after_is_read_and_bounded(header: str, wait: timedelta) -> None:
    assert retry_after(header, NOW) == wait


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "-1",
        "1.5",
        "1e3",
        "\u0661\u0662",
        "9" * 5000,
        "Sun, 99 Nov 2026 12:00:00 GMT",
    ],
)
def test_an_unreadable_retry_after_is_ignored(header: str | None) -> None:
    assert retry_after(header, NOW) is None
