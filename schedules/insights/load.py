"""How many jobs end at which hour of the day, if the hour says anything of it."""

import numpy as np
from scipy import stats

from schedules.insights.claim import Claim, Kind
from schedules.insights.history import History

LEAST_DAYS = 7
TURNS = (1_999, 39_999)
AT_ONCE = 1_000
WORTH_MORE = 0.005
SEED = 20_261_123
SHARE = 1 / 24
"""Of a day's jobs that end in any hour where no hour differs."""


def claims(history: History) -> list[Claim]:
    """Ask whether hours of the day differ; whole days only."""
    by_day: dict[int, dict[int, int]] = {}
    for each in history.arrivals:
        by_day.setdefault(each.hour // 24, {})[each.hour % 24] = each.total
    days = [
        [hours[hour] for hour in range(24)]
        for hours in by_day.values()
        if len(hours) == 24 and sum(hours.values()) > 0
    ]
    if len(days) < LEAST_DAYS:
        return []
    counts = np.array(days, float)
    p = turned_p(counts)
    # The peak is chosen on one half of the days and measured on the other: chosen and
    # measured on the same days it would look higher than it is.
    chosen, measured = counts[::2], counts[1::2]
    peak = int(np.argmax(_shares(chosen).mean(axis=0)))
    ratios = _shares(measured)[:, peak] / SHARE
    n = len(ratios)
    effect = float(ratios.mean())
    half = float(stats.t.ppf(0.975, n - 1) * ratios.std(ddof=1) / np.sqrt(n))
    forecast = ", ".join(
        f"{hour:02d}:{mean:.1f}" for hour, mean in enumerate(counts.mean(axis=0))
    )
    return [
        Claim(
            kind="load_cycle",
            subject="arrivals",
            nothing=1.0,
            p=p,
            n=len(days),
            effect=effect,
            low=effect - half,
            high=effect + half,
            unit="times the mean hour",
            test="Friedman's statistic of 24 hours, against days turned at random",
            title=f"Most jobs end from {peak:02d}:00 to {(peak + 1) % 24:02d}:00 UTC",
            description=(
                f"In that hour end {effect:.2f} times as many as in the mean hour "
                f"(95 %: {effect - half:.2f} to {effect + half:.2f}), by {len(days)} "
                "whole days."
            ),
            impact=f"about {counts[:, peak].mean():.0f} jobs in that hour of a day",
            action="plan_workers",
            facts={"peak_hour": peak, "forecast": forecast},
        )
    ]


def turned_p(days: np.ndarray) -> float:
    """Return how probable it is that hours differ so much, if the hour says nothing.

    Friedman's statistic (the spread of the hours' rank sums within days) is compared
    with that of days turned by random hours. That keeps how neighbouring hours depend
    on each other; by its own distribution, which takes them as independent, twice as
    many would be found as stated. First some turns, and more only where they tell.
    """
    ranks = stats.rankdata(days, axis=1)
    seen = np.var(ranks.sum(axis=0)) * (1 - 1e-12)
    generator = np.random.default_rng(SEED)
    hours = np.arange(24)
    p = 1.0
    for turns in TURNS:
        as_much = 1
        for start in range(0, turns, AT_ONCE):
            sums = np.zeros((min(AT_ONCE, turns - start), 24))
            for day in ranks:
                by = generator.integers(0, 24, size=(len(sums), 1))
                sums += day[(hours + by) % 24]
            as_much += int(np.count_nonzero(np.var(sums, axis=1) >= seen))
        p = as_much / (turns + 1)
        if p > WORTH_MORE:
            break
    return p


def _shares(counts: np.ndarray) -> np.ndarray:
    shares: np.ndarray = counts / counts.sum(axis=1, keepdims=True)
    return shares


KIND = Kind(
    name="load_cycle",
    hypothesis="Some hours of the day see more jobs than others.",
    test="Friedman's statistic, days turned; the peak by days that did not choose it",
    claims=claims,
    horizon_s=8 * 86400.0,
)
