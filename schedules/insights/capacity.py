"""Whether the workers are too few, and whether results are forgotten too soon."""

import math
from collections.abc import Sequence

import numpy as np

from schedules.insights.finding import Hypothesis, Kind, Told
from schedules.insights.history import History
from schedules.insights.rank_tests import share_above

DAY_HOURS = 24
BUSY = 0.9
WAITS_S = 30.0
AGES = "queue_oldest_age."
FULL_HOURS = 0.1
"""So many of the hours may be full."""
LEAST_SOLVES = 200
REPEATED = 0.01
"""So many of the solves may repeat what was done."""


def _full_hours(history: History) -> Sequence[Hypothesis]:
    """Hypothesis: at most every tenth hour has all slots busy while jobs wait."""
    hours = history.hours
    ages = [hours.of(name) for name in hours.series if name.startswith(AGES)]
    busy, slots = hours.of("worker_busy_ratio"), hours.of("worker_slots")
    if not ages:
        return []
    waits = np.max(np.nan_to_num(np.array(ages)), axis=0)
    known = np.isfinite(busy) & np.isfinite(slots)
    if known.sum() < DAY_HOURS:
        return []
    full = known & (np.nan_to_num(busy) >= BUSY) & (waits > WAITS_S)
    found = share_above(int(full.sum()), int(known.sum()), FULL_HOURS)
    if found is None:
        return []
    return [
        Hypothesis(
            claim="too_few",
            n=found.n,
            effect=100 * found.effect,
            low=100 * found.low,
            high=100 * found.high,
            unit="% of the hours",
            p=found.p,
            figures=(float(slots[known][-1]), float(full.sum())),
        )
    ]


def _tell_full(found: Hypothesis) -> Told:
    slots, full = found.figures
    # Square-root staffing (Halfin and Whitt, 1981, Operations Research 29): what is
    # carried, and its root on top.
    enough = math.ceil(slots + math.sqrt(slots))
    return Told(
        title="The workers are too few",
        description=(
            f"In {full:.0f} of {found.n} hours nearly all slots were busy while jobs "
            f"waited for more than {WAITS_S:.0f} s. With {slots:.0f} slots now, "
            f"{enough} would leave the room that such a load needs."
        ),
        impact=f"no long waits in {found.effect:.0f} % of the hours",
        priority="high",
    )


def _repeated(history: History) -> Sequence[Hypothesis]:
    """Hypothesis: at most one solve of a hundred does work again that was done."""
    known: set[str] = set()
    counted = repeated = 0
    seconds = 0.0
    for each in sorted(history.solves, key=lambda solve: solve.ended_at):
        if each.fingerprint is None:
            continue
        counted += 1
        if each.fingerprint in known:
            repeated += 1
            seconds += each.elapsed_s
        known.add(each.fingerprint)
    if counted < LEAST_SOLVES:
        return []
    found = share_above(repeated, counted, REPEATED)
    if found is None:
        return []
    return [
        Hypothesis(
            claim="forgotten_too_soon",
            n=found.n,
            effect=100 * found.effect,
            low=100 * found.low,
            high=100 * found.high,
            unit="% of the solves",
            p=found.p,
            figures=(float(repeated), seconds),
        )
    ]


def _tell_repeated(found: Hypothesis) -> Told:
    repeated, seconds = found.figures
    return Told(
        title="Results are forgotten too soon",
        description=(
            f"{repeated:.0f} of {found.n} solves did work again that had been done, "
            "but was not kept so long. Keep results longer, or more of them "
            "(SOLVEQUEUE_CACHE_SECONDS, SOLVEQUEUE_CACHE_SIZE)."
        ),
        impact=f"{seconds:.3g} s of solving saved",
        priority="medium",
    )


WORKERS = Kind(
    name="worker_sizing",
    action="add_workers",
    test="binomial test against every tenth hour, Wilson's interval",
    query="metric points by hour: worker_busy_ratio, worker_slots, queue_oldest_age.*",
    hypotheses=_full_hours,
    tell=_tell_full,
)
CACHE = Kind(
    name="cache_advice",
    action="keep_results_longer",
    test="binomial test against one of a hundred, Wilson's interval",
    query="latest succeeded solves: fingerprint, elapsed_s",
    hypotheses=_repeated,
    tell=_tell_repeated,
)
