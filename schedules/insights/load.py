"""Whether load follows the hour of the day, and what the next day brings.

Hypothesis: how many jobs end in an hour does not depend on which hour of the day it is.
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from schedules.insights.anomalies import ENDED
from schedules.insights.finding import Hypothesis, Kind, Told
from schedules.insights.history import HOUR, History, Numbers
from schedules.insights.rank_tests import Z

LEAST_DAYS = 5
MOST_HOURS_APART = 4.0
DAY = 24.0


def _hypotheses(history: History) -> Sequence[Hypothesis]:
    hours = history.hours
    names = [name for name in hours.series if name.startswith(ENDED)]
    if not names:
        return []
    counts = np.sum([hours.of(name) for name in names], axis=0)
    at = hours.begin / HOUR + np.arange(len(counts))
    known = np.isfinite(counts)
    counts, at = counts[known], at[known]
    if len(counts) < LEAST_DAYS * DAY or not counts.any():
        return []
    whole = _Cosinor(counts, at)
    half = len(counts) // 2
    parts = [_Cosinor(counts[:half], at[:half]), _Cosinor(counts[half:], at[half:])]
    # Trends and bursts fit a cosine too, but not the same one twice.
    if any(each.p > 0.05 or _apart(each, whole) > MOST_HOURS_APART for each in parts):
        return []
    scale = 100 / whole.mean
    return [
        Hypothesis(
            claim="hour_of_day",
            n=len(counts),
            effect=scale * whole.amplitude,
            low=scale * max(0.0, whole.amplitude - Z * whole.error),
            high=scale * (whole.amplitude + Z * whole.error),
            unit="% of the mean",
            p=whole.p,
            figures=(whole.peak, whole.mean),
        )
    ]


class _Cosinor:
    """A cosine of 24 hours, fitted by least squares."""

    def __init__(self, counts: Numbers, at: Numbers) -> None:
        angle = 2 * np.pi * at / DAY
        design = np.column_stack([np.ones_like(at), np.cos(angle), np.sin(angle)])
        solution, *_ = np.linalg.lstsq(design, counts, rcond=None)
        self.mean, a, b = map(float, solution)
        residuals = counts - design @ solution
        freedom = len(counts) - 3
        variance = float(residuals @ residuals) / freedom
        total = float(np.sum((counts - counts.mean()) ** 2))
        explained = total - float(residuals @ residuals)
        self.amplitude = float(np.hypot(a, b))
        self.peak = float(np.arctan2(b, a) / (2 * np.pi) * DAY % DAY)
        self.error = float(np.sqrt(2 * variance / len(counts)))
        """Of the amplitude: each coefficient's, where hours are evenly spread."""
        f = explained / 2 / variance if variance else np.inf
        self.p = float(stats.f.sf(f, 2, freedom))


def _apart(one: _Cosinor, other: _Cosinor) -> float:
    hours = abs(one.peak - other.peak)
    return min(hours, DAY - hours)


def _tell(found: Hypothesis) -> Told:
    peak, mean = found.figures
    most = mean * (1 + found.effect / 100)
    return Told(
        title=f"Load peaks at about {int(peak + 0.5) % 24:02d}:00 UTC",
        description=(
            f"Around {peak:.1f} h UTC {most:.3g} jobs end in an hour, "
            f"{found.effect:.0f} % more than the mean of {mean:.3g}; twelve hours "
            f"later as many fewer. {found.n} hours show it, and the next day is "
            "expected to be like them."
        ),
        impact=f"{found.effect:.0f} % above the mean at the peak",
        priority="medium" if found.effect >= 30 else "low",
    )


LOAD = Kind(
    name="load_forecast",
    action="plan_capacity",
    test="F test of a 24-hour cosine (cosinor), found in both halves alike",
    query="metric points by hour of the last 15 days: jobs_ended.*",
    hypotheses=_hypotheses,
    tell=_tell,
)
