"""Whether the last hours differ from those before: failures of jobs, times of answers.

Hypothesis: the last three hours are like the two weeks before them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from schedules.insights.finding import Hypothesis, Kind, Told
from schedules.insights.history import HOUR, History, Numbers
from schedules.insights.rank_tests import level, rates

LATELY = 3
LEAST_BEFORE = 48
LEAST_JOBS = 10
ENDED, FAILED = "jobs_ended.", "jobs_failed."
LATENCY = "http_duration"


def _failures(history: History) -> Sequence[Hypothesis]:
    return list(_failing(history))


def _failing(history: History) -> Iterator[Hypothesis]:
    hours = history.hours
    for name in sorted(hours.series):
        if not name.startswith(ENDED):
            continue
        kind = name.removeprefix(ENDED)
        total, failed = hours.of(name), hours.of(f"{FAILED}{kind}")
        known = np.isfinite(total) & np.isfinite(failed)
        total, failed = np.where(known, total, 0), np.where(known, failed, 0)
        before = total[:-LATELY]
        is_enough = total[-LATELY:].sum() >= LEAST_JOBS and before.sum() >= LEAST_JOBS
        if (before > 0).sum() < LEAST_BEFORE or not is_enough:
            continue
        found = rates(failed[-LATELY:], total[-LATELY:], failed[:-LATELY], before)
        if found is not None:
            yield Hypothesis(
                claim=kind,
                n=found.n,
                effect=100 * found.effect,
                low=100 * found.low,
                high=100 * found.high,
                unit="percentage points",
                p=found.p,
                about=(kind,),
                figures=(float(failed[-LATELY:].sum()),),
            )


def _tell_failures(found: Hypothesis) -> Told:
    (kind,), (failed,) = found.about, found.figures
    is_worse = found.effect > 0
    more = "more" if is_worse else "fewer"
    return Told(
        title=f"{more.capitalize()} jobs of the kind {kind} fail than before",
        description=(
            f"Of {found.n} that ended in the last {LATELY} hours {failed:.0f} failed: "
            f"{abs(found.effect):.1f} percentage points {more} than in the two weeks "
            "before."
        ),
        impact=f"{found.effect:+.1f} percentage points of failures",
        priority="high" if is_worse else "low",
    )


def _latency(history: History) -> Sequence[Hypothesis]:
    times = history.hours.of(LATENCY)
    lately, before = _logs(times[-LATELY:]), _logs(times[:-LATELY])
    if len(lately) < LATELY or len(before) < LEAST_BEFORE:
        return []
    found = level(lately, before)
    if found is None:
        return []
    low, effect, high = (
        100 * np.expm1(each) for each in (found.low, found.effect, found.high)
    )
    usual = 1000 * float(np.exp(np.median(before)))
    return [
        Hypothesis(
            claim=LATENCY,
            n=found.n,
            effect=float(effect),
            low=float(low),
            high=float(high),
            unit="%",
            p=found.p,
            figures=(usual,),
        )
    ]


def _logs(times: Numbers) -> Numbers:
    return np.log(times[np.isfinite(times) & (times > 0)])


def _tell_latency(found: Hypothesis) -> Told:
    (usual,) = found.figures
    is_worse = found.effect > 0
    than = "slower" if is_worse else "faster"
    return Told(
        title=f"Answers are {than} than before",
        description=(
            f"Over the last {LATELY} hours answers took {abs(found.effect):.0f} % "
            f"{'longer' if is_worse else 'less'} than the usual {usual:.3g} ms."
        ),
        impact=f"{found.effect:+.0f} % of the time of an answer",
        priority="high" if is_worse else "low",
    )


_QUERY = "metric points by hour of the last 15 days: "

FAILURES = Kind(
    name="failure_anomaly",
    action="investigate",
    test="Fisher's exact test, and a comparison of rates widened by their dispersion",
    query=f"{_QUERY}jobs_ended.*, jobs_failed.*",
    hypotheses=_failures,
    tell=_tell_failures,
    settles_after_s=LATELY * HOUR,
)
LATENCIES = Kind(
    name="latency_anomaly",
    action="investigate",
    test="robust z of logarithms (median absolute deviation), Student's t",
    query=f"{_QUERY}{LATENCY}",
    hypotheses=_latency,
    tell=_tell_latency,
    settles_after_s=LATELY * HOUR,
)
