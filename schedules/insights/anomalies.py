"""Hours in which more failed, or all took longer, than before; and changes of level."""

from datetime import UTC, datetime

import numpy as np
from scipy import stats

from schedules.insights.claim import Claim, Kind
from schedules.insights.history import HOUR, Count, History, Mean
from schedules.insights.inference import difference_interval, more_often, pettitt

RECENT_HOURS = 24
LEAST_BEFORE = 72
"""Hours: what is usual is not known sooner."""
LEAST_EVENTS = 5
LEAST_DAYS = 14


def claims(history: History) -> list[Claim]:
    """Judge each hour of the last day, and look for one change in all days."""
    found: list[Claim] = []
    jobs = history.failures.get("jobs", ())
    found += failing_hours(jobs)
    for name, means in sorted(history.latencies.items()):
        found += _slow_hours(name, means)
        found += _level(name, means)
    return found


def failing_hours(counts: tuple[Count, ...]) -> list[Claim]:
    """Compare each of the last hours with all before the last day."""
    busy = [each for each in counts if each.total > 0]
    if not busy:
        return []
    since = busy[-1].hour - RECENT_HOURS + 1
    before = [each for each in busy if each.hour < since]
    if len(before) < LEAST_BEFORE:
        return []
    bad = np.array([each.bad for each in before], float)
    total = np.array([each.total for each in before], float)
    return [
        _failing(each, bad, total)
        for each in busy
        if each.hour >= since and each.total >= LEAST_EVENTS
    ]


def _failing(each: Count, bad: np.ndarray, total: np.ndarray) -> Claim:
    effect, low, high = (
        100 * x
        for x in difference_interval(
            each.bad, each.total, float(bad.sum()), float(total.sum())
        )
    )
    rates = bad / total
    return Claim(
        kind="anomaly",
        subject=f"failures|{each.hour}",
        p=more_often(each.bad, each.total, bad, total),
        n=each.total,
        effect=effect,
        low=low,
        high=high,
        unit="percentage points of failures",
        test="Fisher's exact and beta-binomial, the larger p",
        title=f"More jobs than usual failed at {_told(each.hour)}",
        description=(
            f"{each.bad} of {each.total} jobs failed within the hour, "
            f"{100 * bad.sum() / total.sum():.2f} % in the {len(bad)} hours before."
        ),
        impact=f"about {each.total * max(effect, 0) / 100:.0f} jobs failed beyond that",
        action="look_at_failures",
        priority="high",
        facts={"hour": each.hour, "robust_z": _robust_z(each.bad / each.total, rates)},
    )


def _slow_hours(name: str, means: tuple[Mean, ...]) -> list[Claim]:
    if not means:
        return []
    since = means[-1].hour - RECENT_HOURS + 1
    before = np.log([x.mean_s for x in means if x.hour < since and x.mean_s > 0])
    if len(before) < LEAST_BEFORE:
        return []
    recent = [x for x in means if x.hour >= since and x.mean_s > 0]
    return [_slow(name, each, before) for each in recent]


def _slow(name: str, each: Mean, before: np.ndarray) -> Claim:
    m, value = len(before), float(np.log(each.mean_s))
    centre, spread = float(before.mean()), float(before.std(ddof=1))
    spread = max(spread, 1e-6) * np.sqrt(1 + 1 / m)
    p = float(stats.t.sf((value - centre) / spread, m - 1))
    # Not by the tail of a curve alone: no earlier hour was as slow.
    if value <= before.max():
        p = 1.0
    half = float(stats.t.ppf(0.975, m - 1)) * spread
    effect, low, high = (
        100 * float(np.expm1(x - centre)) for x in (value, value - half, value + half)
    )
    return Claim(
        kind="anomaly",
        subject=f"{name}|{each.hour}",
        p=p,
        n=m,
        effect=effect,
        low=low,
        high=high,
        unit="percent longer",
        test="prediction by Student's t of logarithms, beyond every earlier hour",
        title=f"{name} took longer than usual at {_told(each.hour)}",
        description=(
            f"{each.mean_s:.3g} s in the mean; {np.exp(centre):.3g} s in the {m} hours "
            "before."
        ),
        impact=f"{effect:.0f} % longer for an hour",
        action="look_at_latency",
        facts={"hour": each.hour, "robust_z": _robust_z(value, before)},
    )


def _level(name: str, means: tuple[Mean, ...]) -> list[Claim]:
    # By days: hours resemble their neighbours, and the daily cycle is no change.
    by_day: dict[int, list[float]] = {}
    for each in means:
        if each.mean_s > 0:
            by_day.setdefault(each.hour // 24, []).append(float(np.log(each.mean_s)))
    days = sorted(by_day)
    if len(days) < LEAST_DAYS:
        return []
    values = np.array([np.median(by_day[day]) for day in days])
    p, at = pettitt(values)
    old, new = values[:at], values[at:]
    shift = float(np.median(np.subtract.outer(new, old)))
    if min(len(old), len(new)) > 1:
        found = stats.ttest_ind(new, old, equal_var=False).confidence_interval(0.95)
        low, high = float(found.low), float(found.high)
    else:
        p, low, high = 1.0, shift, shift
    effect, low, high = (100 * float(np.expm1(x)) for x in (shift, low, high))
    word = "longer" if effect > 0 else "shorter"
    return [
        Claim(
            kind="anomaly",
            subject=f"level|{name}|{word}",
            contrary=f"level|{name}|{'shorter' if effect > 0 else 'longer'}",
            p=p,
            n=len(days),
            effect=effect,
            low=min(low, effect),
            high=max(high, effect),
            unit="percent longer",
            test="Pettitt's change point of daily medians",
            title=f"{name} takes {word} since {_told(days[at] * 24)[:10]}",
            description=(
                f"{effect:+.0f} % by the medians of {len(new)} days against "
                f"{len(old)} days before."
            ),
            impact=f"{abs(effect):.0f} % {word}, for as long as it lasts",
            action="look_at_latency",
            priority="high" if effect > 50 else "medium",
            facts={"since_hour": days[at] * 24},
        )
    ]


def _robust_z(value: float, before: np.ndarray) -> float:
    middle = float(np.median(before))
    spread = 1.4826 * float(np.median(np.abs(before - middle)))
    if spread == 0:
        spread = float(before.std(ddof=1)) or 1.0
    return round((value - middle) / spread, 2)


def _told(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR, UTC).strftime("%Y-%m-%d %H:00 UTC")


KIND = Kind(
    name="anomaly",
    hypothesis="An hour, or all days since one, differs from what was usual.",
    test="Fisher and beta-binomial; Student's prediction; Pettitt's change point",
    claims=claims,
    horizon_s=None,
)
