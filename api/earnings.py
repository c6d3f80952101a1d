"""What was earned, by day and kind, and what that leads one to expect."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, stdev

from api.state import ApiState
from db.contracts.kinds import KINDS
from db.repositories import charges, jobs, prices
from db.repositories.charges import DAY_SECONDS

NOTHING = Decimal(0)
MONTH_DAYS, YEAR_DAYS = 30, 365
ALL_DAYS = 2**20
PROJECTED_FROM = 28
"""Complete days: four weeks, so that each day of the week counts alike."""
LEAST_JUDGED = 7
"""From fewer days no interval is told."""
LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Earned:
    """What was earned on some days, unrounded."""

    day: int
    """The present one: days since 1970, UTC."""
    by_day: Mapping[int, Mapping[str, Decimal]]
    """By kind; days on which nothing was used are left out."""
    is_whole: bool
    """Whether all is in it; what it leaves out is being added up."""

    @property
    def today(self) -> Decimal:
        return self.on(self.day)

    def on(self, day: int) -> Decimal:
        return sum(self.by_day.get(day, {}).values(), NOTHING)

    def within(self, days: int, *, before: int = 0) -> Decimal:
        """Return what was earned in so many days, the last of them so many ago."""
        last = self.day - before
        found = (self.on(day) for day in self.by_day if last - days < day <= last)
        return sum(found, NOTHING)

    def by_kind(self, days: int) -> dict[str, Decimal]:
        """Return what each kind earned in so many days, today included; all kinds."""
        sums = dict.fromkeys(KINDS, NOTHING)
        for day, found in self.by_day.items():
            if day > self.day - days:
                for kind, amount in found.items():
                    sums[kind] = sums.get(kind, NOTHING) + amount
        return sums

    @property
    def complete_days(self) -> list[Decimal]:
        """What was earned on each of the last days before this one, oldest first.

        They begin with the first on which anything was used, if that is not long ago.
        """
        first = max(min(self.by_day, default=self.day), self.day - PROJECTED_FROM)
        return [self.on(day) for day in range(first, self.day)]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a month like the last days comes to, and how sure that is."""

    days: int
    """On which it is based."""
    amount: float
    low: float | None
    high: float | None
    """In nine of ten such months it lies between; None of too few days."""


def earned(state: ApiState, *, days: int) -> Earned:
    """Return what was earned on the last days, this one included.

    Raises UnavailableError.
    """
    with state.backplane.database.reading() as connection:
        today = int(jobs.database_time(connection) // DAY_SECONDS)
        known = prices.read(connection, usual=state.settings.price_list)
        used, is_whole = charges.by_day(
            connection, known, since=max(0, today - days + 1)
        )
    by_day: dict[int, dict[str, Decimal]] = {}
    for day, uses in used.items():
        sums = by_day.setdefault(day, {})
        for use in uses:
            price = known.numbered(use.kind, use.price).price
            amount = price.of(use.jobs, use.cpu_ms)
            sums[use.kind] = sums.get(use.kind, NOTHING) + amount
    return Earned(today, by_day, is_whole)


def growth(found: Earned) -> tuple[Decimal, Decimal, float]:
    """Return the last thirty complete days, those before, and the growth in per cent.

    It is 0 where there is nothing to grow from.
    """
    latest = found.within(MONTH_DAYS, before=1)
    before = found.within(MONTH_DAYS, before=1 + MONTH_DAYS)
    percent = float((latest - before) / before * 100) if before else 0.0
    return latest, before, percent


def expected_month(days: Sequence[Decimal], *, so_far: Decimal) -> Expected:
    """Return thirty times the mean day, and Student's prediction interval of the sum.

    It takes days as independent and alike: nothing is known of trends. Before the
    first complete day it is what was earned ``so_far``.
    """
    if not days:
        return Expected(0, float(so_far), None, None)
    values = [float(day) for day in days]
    count, mean = len(values), fmean(values)
    amount = MONTH_DAYS * mean
    if count < LEAST_JUDGED:
        return Expected(count, amount, None, None)
    # The sum of the days to come varies, and so does the mean that it is told by.
    spread = stdev(values) * math.sqrt(MONTH_DAYS + MONTH_DAYS**2 / count)
    half = _student(count - 1) * spread
    return Expected(count, amount, max(0.0, amount - half), amount + half)


def _student(freedom: int) -> float:
    """Return between what of its standard deviations such a mean lies."""
    # Here, for it takes a tenth of a second and most processes never ask.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + LEVEL) / 2))
