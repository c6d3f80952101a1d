"""When a schedule is due, by the clock of a place or by a period.

Due times are whole seconds since 1970, so that they compare equal wherever they have
been stored.
"""

import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache, cached_property
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

FIELDS = 5
MINUTE = 60.0
EVERY_HOUR = frozenset(range(24))


class TimetableError(ValueError):
    """These are no times; ``field`` says which part is wrong."""

    def __init__(self, field: str, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.field = field
        self.suggestion = suggestion


@dataclass(frozen=True)
class Cron:
    """Times by a cron expression of five fields, and the clock of a time zone.

    An expression that names hours means times of day: each comes once on its date, also
    when clocks change. One that the clock leaps over comes when the leap is over, and
    one that it shows twice comes the first time. An expression with every hour goes by
    what the clock shows, whenever it shows it.
    """

    expression: str
    time_zone: str

    def __post_init__(self) -> None:
        if self.time_zone not in _zones():
            near = difflib.get_close_matches(
                self.time_zone[:100], _zones(), n=1, cutoff=0.5
            )
            hint = f"Did you mean {near[0]}? " if near else ""
            raise TimetableError(
                "time_zone",
                "there is no time zone of this name",
                f"{hint}Names are those of the IANA, such as Europe/Berlin or UTC.",
            )
        if len(self.expression.split()) != FIELDS:
            raise _bad_cron("a cron expression has five fields")
        try:
            _simulate(self.expression, datetime(2000, 1, 1))  # noqa: DTZ001
        except CronSimError as error:
            raise _bad_cron(str(error).replace("Bad", "not a valid")) from None

    def next_after(self, moment: float) -> float | None:
        """Return the first due time after the moment, or None if there is none."""
        moment = math.floor(moment)
        if self._pattern.hours == EVERY_HOUR:
            return self._next_shown(moment)
        return self._next_named(moment)

    def _next_named(self, moment: float) -> float | None:
        for wall in _simulate(self.expression, self._wall(moment)):
            due = self._instant(wall)
            # Of an hour that is shown twice, the second has passed its times already.
            if due > moment:
                return due
        return None

    def _next_shown(self, moment: float) -> float | None:
        due = moment // MINUTE * MINUTE + MINUTE
        pattern = self._pattern
        while True:
            wall = self._wall(due)
            if not (wall.month in pattern.months and pattern.match_day(wall.date())):
                evening = datetime.combine(wall, time(23, 59, 59))
                following = next(_simulate(self.expression, evening), None)
                if following is None:
                    return None
                morning = datetime.combine(following, time())
                due = max(due + MINUTE, self._instant(morning))
            elif wall.minute in pattern.minutes:
                return due
            else:
                due += MINUTE

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def _pattern(self) -> CronSim:
        return _simulate(self.expression, datetime(2000, 1, 1))  # noqa: DTZ001

    def _wall(self, moment: float) -> datetime:
        """Return what the clock shows, as a time without a zone."""
        return datetime.fromtimestamp(moment, self._zone).replace(tzinfo=None)

    def _instant(self, wall: datetime) -> float:
        """Return when the clock first shows this time, or has leapt over it."""
        early, late = sorted(
            wall.replace(tzinfo=self._zone, fold=fold).timestamp() for fold in (0, 1)
        )
        if self._wall(early) == wall:
            return early
        if self._wall(late) == wall:
            return late
        # The leap lies between: before it the clock shows less, after it more.
        while late - early > 1:
            middle = (early + late) // 2
            if self._wall(middle) < wall:
                early = middle
            else:
                late = middle
        return late


@dataclass(frozen=True)
class Every:
    """Times by a period, counted from a fixed moment: they never drift."""

    seconds: int
    anchor: float

    def next_after(self, moment: float) -> float:
        """Return the first due time after the moment; the anchor is the very first."""
        periods = math.floor((moment - self.anchor) / self.seconds) + 1
        return self.anchor + max(periods, 0) * self.seconds


@dataclass(frozen=True)
class Timetable:
    """The due times of a rule from ``start_at`` to ``end_at``, both included."""

    rule: Cron | Every
    start_at: float
    end_at: float | None = None

    def next_after(self, moment: float) -> float | None:
        """Return the first due time after the moment, or None if there is none."""
        due = self.rule.next_after(max(moment, self.start_at - 1))
        if due is None or (self.end_at is not None and due > self.end_at):
            return None
        return due

    def following(self, moment: float) -> Iterator[float]:
        """Yield the due times after the moment, in order."""
        due = self.next_after(moment)
        while due is not None:
            yield due
            due = self.next_after(due)

    def next_times(self, moment: float, count: int) -> list[float]:
        """Return the next due times, at most so many."""
        return list(islice(self.following(moment), count))

    def latest(self, *, after: float, until: float) -> float | None:
        """Return the last due time after the one moment and not after the other.

        It looks back over ever longer spans, so that the number of times between the
        moments does not matter.
        """
        span = MINUTE
        while True:
            begin = max(after, until - span)
            last = None
            for due in self.following(begin):
                if due > until:
                    break
                last = due
            if last is not None or begin == after:
                return last
            span *= 2


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _simulate(expression: str, wall: datetime) -> CronSim:
    """Return the times of the expression on a clock that is never changed."""
    return CronSim(expression, wall)


def _bad_cron(message: str) -> TimetableError:
    return TimetableError(
        "cron",
        message,
        "Send minute, hour, day of month, month and day of week, such as 30 2 * * 1-5.",
    )
