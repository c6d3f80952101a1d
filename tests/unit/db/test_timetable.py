"""Due times, against a clock that is read minute by minute."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.timetable import Cron, Every, Timetable, TimetableError

MINUTE = 60
HOUR = 3600
DAY = 86_400
BERLIN = ZoneInfo("Europe/Berlin")
YEARS = range(2024, 2036)
# Whole and half hours; leaps at midnight, before it and by two hours; south and north.
CHANGING = (
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
)

times_of_day = st.times().map(lambda each: each.replace(second=0, microsecond=0))
moments = st.integers(
    int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2036, 1, 1, tzinfo=UTC).timestamp()),
)


@cache
def changes(zone: str) -> list[date]:
    """Return the dates on which the zone's clocks change."""
    place = ZoneInfo(zone)
    begin = datetime(YEARS.start, 1, 1, tzinfo=UTC)
    days = (begin + timedelta(days=number) for number in range(365 * len(YEARS)))
    return [
        day.astimezone(place).date()
        for day in days
        if day.astimezone(place).utcoffset()
        != (day + timedelta(days=1)).astimezone(place).utcoffset()
    ]


@st.composite
def dates_of_change(draw: st.DrawFn) -> tuple[str, date]:
    zone = draw(st.sampled_from(CHANGING))
    day = draw(st.sampled_from(changes(zone)))
    return zone, day + timedelta(days=draw(st.integers(-2, 2)))


def wall(moment: float, zone: str) -> datetime:
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None)


def minutes(begin: float, end: float) -> Iterator[int]:
    """Yield every whole minute after the first moment and up to the second."""
    return iter(range(int(begin // MINUTE + 1) * MINUTE, int(end) + 1, MINUTE))


def first_shown(target: datetime, zone: str) -> int:
    """Return the first minute at which the clock shows the time or a later one."""
    about = target.replace(tzinfo=ZoneInfo(zone)).timestamp()
    return next(
        minute
        for minute in minutes(about - 4 * HOUR, about + 4 * HOUR)
        if wall(minute, zone) >= target
    )


def shown(moment: float, zone: str) -> str:
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).isoformat(" ")


def berlin(*parts: int, fold: int = 0) -> float:
    return datetime(*parts, tzinfo=BERLIN, fold=fold).timestamp()  # type: ignore[misc,arg-type]


def test_clocks_do_change_in_these_zones() -> None:
    assert all(changes(zone) for zone in CHANGING)


def test_a_daily_time_that_the_clock_leaps_over_comes_after_the_leap() -> None:
    nightly = Timetable(Cron("30 2 * * *", "Europe/Berlin"), 0.0)
    found = nightly.next_times(berlin(2026, 3, 28), 3)
    assert [shown(due, "Europe/Berlin") for due in found] == [
        "2026-03-28 02:30:00+01:00",
        "2026-03-29 03:00:00+02:00",
        "2026-03-30 02:30:00+02:00",
    ]


def test_a_daily_time_that_the_clock_shows_twice_comes_once() -> None:
    nightly = Timetable(Cron("30 2 * * *", "Europe/Berlin"), 0.0)
    found = nightly.next_times(berlin(2026, 10, 24), 3)
    assert [shown(due, "Europe/Berlin") for due in found] == [
        "2026-10-24 02:30:00+02:00",
        "2026-10-25 02:30:00+02:00",
        "2026-10-26 02:30:00+01:00",
    ]


def test_who_asks_within_the_second_hour_is_told_of_the_next_day() -> None:
    again = berlin(2026, 10, 25, 2, 10, fold=1)
    due = Cron("30 2 * * *", "Europe/Berlin").next_after(again)
    assert due is not None
    assert shown(due, "Europe/Berlin") == "2026-10-26 02:30:00+01:00"


@given(where=dates_of_change(), at=times_of_day)
@settings(deadline=None, max_examples=200)
def test_a_daily_schedule_comes_once_on_each_date(
    where: tuple[str, date], at: time
) -> None:
    zone, first = where
    days = [first + timedelta(days=number) for number in range(5)]
    expected = [first_shown(datetime.combine(day, at), zone) for day in days]
    daily = Timetable(Cron(f"{at.minute} {at.hour} * * *", zone), 0.0)
    assert daily.next_times(expected[0] - 1, len(days)) == expected


@given(where=dates_of_change(), hours=st.sets(st.integers(0, 23), max_size=3))
@settings(deadline=None, max_examples=50)
def test_every_minute_of_a_named_hour_comes_once(
    where: tuple[str, date], hours: set[int]
) -> None:
    zone, day = where
    hours = hours or {2}
    walls = [
        datetime.combine(day, time(hour, minute))
        for hour in sorted(hours)
        for minute in range(0, 60, 10)
    ]
    expected = sorted({first_shown(each, zone) for each in walls})
    timetable = Timetable(Cron(f"*/10 {','.join(map(str, hours))} * * *", zone), 0.0)
    assert timetable.next_times(expected[0] - 1, len(expected)) == expected


@given(
    where=dates_of_change(),
    minute=st.sets(st.integers(0, 59), min_size=1, max_size=3),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
)
@settings(deadline=None, max_examples=100)
def test_an_hourly_schedule_goes_by_what_the_clock_shows(
    where: tuple[str, date], minute: set[int], weekdays: set[int]
) -> None:
    zone, day = where
    begin = datetime.combine(day, time(), UTC).timestamp()
    end = begin + 3 * DAY
    expected = [
        each
        for each in minutes(begin, end)
        if (at := wall(each, zone)).minute in minute
        and (at.weekday() + 1) % 7 in weekdays
    ]
    named = [",".join(map(str, each)) for each in (minute, weekdays)]
    timetable = Timetable(Cron(f"{named[0]} * * * {named[1]}", zone), 0.0, end)
    assert list(timetable.following(begin)) == expected


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    moment=moments,
    expression=st.sampled_from(
        ("30 2 * * *", "0 */6 * * 1-5", "*/15 * * * *", "0 0 1 * *", "0 12 L * *")
    ),
)
@settings(deadline=None, max_examples=200)
def test_the_next_time_is_later_everywhere(
    zone: str, moment: int, expression: str
) -> None:
    cron = Cron(expression, zone)
    due = cron.next_after(moment)
    assert due is not None
    assert moment < due
    assert due == math.floor(due)
    # Nothing lies between, from wherever one looks.
    assert cron.next_after((moment + due) // 2) == due


@given(moment=moments, part=st.floats(0, 0.999_999))
@settings(deadline=None)
def test_a_fraction_of_a_second_leaps_over_nothing(moment: int, part: float) -> None:
    cron = Cron("* * * * *", "UTC")
    assert cron.next_after(moment + part) == cron.next_after(moment)


@given(
    every=st.integers(1, 31_622_400),
    anchor=moments,
    moment=st.floats(1.7e9, 2.2e9, allow_nan=False),
)
def test_a_period_never_drifts(every: int, anchor: int, moment: float) -> None:
    due = Every(every, float(anchor)).next_after(moment)
    assert due > moment
    assert due >= anchor
    assert (due - anchor) % every == 0
    assert due == anchor or due - every <= moment


def test_the_first_and_the_last_time_are_included() -> None:
    hourly = Timetable(Cron("0 * * * *", "UTC"), 2.0 * HOUR, 4.0 * HOUR)
    assert hourly.next_times(0, 9) == [2 * HOUR, 3 * HOUR, 4 * HOUR]
    by_period = Timetable(Every(HOUR, 2.0 * HOUR), 2.0 * HOUR, 4.0 * HOUR)
    assert by_period.next_times(0, 9) == [2 * HOUR, 3 * HOUR, 4 * HOUR]
    assert by_period.next_after(4 * HOUR) is None


@given(
    rule=st.sampled_from(
        (
            Cron("*/7 2,14 * * *", "Europe/Berlin"),
            Cron("0 * * * *", "America/New_York"),
            Every(1000, 1.7e9),
        )
    ),
    begin=moments,
    length=st.integers(0, 2 * DAY),
)
@settings(deadline=None)
def test_the_latest_time_is_the_last_of_all_between(
    rule: Cron | Every, begin: int, length: int
) -> None:
    timetable = Timetable(rule, 0.0)
    until = begin + length
    between = []
    for due in timetable.following(begin):
        if due > until:
            break
        between.append(due)
    expected = between[-1] if between else None
    assert timetable.latest(after=begin, until=until) == expected


def test_a_time_that_never_comes_is_told() -> None:
    # The 1st or 21st that is also the last Monday of its month.
    for expression in ("* * */20 * 1L", "0 5 */20 * 1L"):
        assert Cron(expression, "Europe/Berlin").next_after(0.0) is None


@pytest.mark.parametrize(
    "expression",
    ["", "* * * *", "0 * * * * *", "60 * * * *", "* * 31 2 *", "@daily", "*/0 * * * *"],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(TimetableError) as refused:
        Cron(expression, "UTC")
    assert refused.value.field == "cron"
    assert "30 2" in refused.value.suggestion


@given(
    expression=st.lists(
        st.text("0123456789*/,-#LWMONJA²\0", min_size=1, max_size=5),
        min_size=5,
        max_size=5,
    ).map(" ".join)
)
def test_no_expression_is_a_fault(expression: str) -> None:
    try:
        cron = Cron(expression, "UTC")
    except TimetableError:
        return
    due = cron.next_after(0.0)
    assert due is None or due > 0


@pytest.mark.parametrize("zone", ["", "Europe", "../UTC", "Mars/Base", "\0", "U" * 999])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(TimetableError) as refused:
        Cron("* * * * *", zone)
    assert refused.value.field == "time_zone"


def test_a_zone_of_nearly_this_name_is_suggested() -> None:
    with pytest.raises(TimetableError) as refused:
        Cron("* * * * *", "europe/berlin")
    assert refused.value.suggestion.startswith("Did you mean Europe/Berlin?")
