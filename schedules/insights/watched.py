"""Which providers fail more often than they did.

Hypothesis: the last six hours of a provider are like the week before them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from schedules.insights.finding import Hypothesis, Kind, Told
from schedules.insights.history import HOUR, History
from schedules.insights.rank_tests import rates

LATELY = 6
WEEK = 7 * 24
LEAST_BEFORE = 24
LEAST_CHECKS = 10
CALLS, FAILURES = "provider_calls.", "provider_failures."


def _hypotheses(history: History) -> Sequence[Hypothesis]:
    return list(_failing(history))


def _failing(history: History) -> Iterator[Hypothesis]:
    hours = history.hours
    for name in sorted(hours.series):
        if not name.startswith(CALLS):
            continue
        provider = name.removeprefix(CALLS)
        total = np.nan_to_num(hours.of(name)[-WEEK:])
        failed = np.nan_to_num(hours.of(f"{FAILURES}{provider}")[-WEEK:])
        before = total[:-LATELY]
        if (before > 0).sum() < LEAST_BEFORE or total[-LATELY:].sum() < LEAST_CHECKS:
            continue
        found = rates(failed[-LATELY:], total[-LATELY:], failed[:-LATELY], before)
        if found is not None:
            yield Hypothesis(
                claim=provider,
                n=found.n,
                effect=100 * found.effect,
                low=100 * found.low,
                high=100 * found.high,
                unit="percentage points",
                p=found.p,
                about=(provider,),
                figures=(float(failed[-LATELY:].sum()),),
            )


def _tell(found: Hypothesis) -> Told:
    (provider,), (failed,) = found.about, found.figures
    is_worse = found.effect > 0
    more = "more" if is_worse else "less"
    return Told(
        title=f"{provider} fails {more} often than before",
        description=(
            f"Of {found.n} calls in the last {LATELY} hours {failed:.0f} came to "
            f"nothing: {abs(found.effect):.1f} percentage points {more} than in the "
            "week before."
        ),
        impact=f"{found.effect:+.1f} percentage points of failures",
        priority="high" if is_worse else "low",
    )


PROVIDERS = Kind(
    name="provider_at_risk",
    action="check_provider",
    test="Fisher's exact test, and a comparison of rates widened by their dispersion",
    query="checks of providers by hour of the last week",
    hypotheses=_hypotheses,
    tell=_tell,
    settles_after_s=LATELY * HOUR,
)
