"""Which providers have failed more in the last day than before."""

import numpy as np

from schedules.insights.claim import Claim, Kind
from schedules.insights.history import Count, History
from schedules.insights.inference import difference_interval, more_often

RECENT_HOURS = 24
LEAST_BEFORE = 96
LEAST_CHECKS = 10


def claims(history: History) -> list[Claim]:
    """Compare the last day of each provider with its days before."""
    found = []
    for name, counts in sorted(history.failures.items()):
        if name == "jobs" or not counts:
            continue
        since = counts[-1].hour - RECENT_HOURS + 1
        before = [x for x in counts if x.hour < since and x.total > 0]
        recent = [x for x in counts if x.hour >= since]
        if len(before) < LEAST_BEFORE or sum(x.total for x in recent) < LEAST_CHECKS:
            continue
        found.append(_claim(name, history.names.get(name, name), recent, before))
    return found


def _claim(id_: str, name: str, recent: list[Count], before: list[Count]) -> Claim:
    bad, total = sum(x.bad for x in recent), sum(x.total for x in recent)
    # By days, as the last one is: the hours of an outage are no separate witnesses.
    by_day: dict[int, list[int]] = {}
    for each in before:
        day = by_day.setdefault(
            (recent[0].hour - 1 - each.hour) // RECENT_HOURS, [0, 0]
        )
        day[0] += each.bad
        day[1] += each.total
    was_bad, was = np.array(list(by_day.values()), float).T
    effect, low, high = (
        100 * x
        for x in difference_interval(bad, total, float(was_bad.sum()), float(was.sum()))
    )
    return Claim(
        kind="provider_at_risk",
        subject=id_,
        p=more_often(bad, total, was_bad, was),
        n=total,
        effect=effect,
        low=low,
        high=high,
        unit="percentage points of failed checks",
        test="Fisher's exact and beta-binomial, the larger p",
        title=f"{name} fails more than it did",
        description=(
            f"{bad} of {total} checks of the last day failed, "
            f"{100 * was_bad.sum() / was.sum():.2f} % of those before."
        ),
        impact=f"{100 - 100 * bad / total:.1f} % of its checks succeed now",
        action="pause_provider",
        priority="high" if effect > 20 else "medium",
        facts={"provider": id_, "failed": bad, "checks": total},
    )


KIND = Kind(
    name="provider_at_risk",
    hypothesis="A provider's last day has more failures than the days before.",
    test="Fisher and beta-binomial; Newcombe's interval",
    claims=claims,
    horizon_s=2 * 86400.0,
    needs_before=True,
)
