"""What more seconds would buy, told by the courses of solves that had them.

Hypothesis: the second half of a solve's time lowers its objective by at most a tenth of
a per cent.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from schedules.insights.finding import Hypothesis, Kind, Told
from schedules.insights.history import History, Solve
from schedules.insights.rank_tests import signed_rank

LEAST_SOLVES = 20
LEAST_GAIN = 0.1
"""Per cent: less is not worth twice the time."""


def _hypotheses(history: History) -> Sequence[Hypothesis]:
    gains: dict[str, list[float]] = defaultdict(list)
    for each in history.solves:
        gain = _gain_of_second_half(each)
        if gain is not None:
            gains[each.method].append(gain)
    found = []
    for method, its in sorted(gains.items()):
        if len(its) < LEAST_SOLVES:
            continue
        estimate = signed_rank(np.array(its) - LEAST_GAIN)
        if estimate is not None and estimate.effect > 0:
            found.append(
                Hypothesis(
                    claim=method,
                    n=estimate.n,
                    effect=estimate.effect + LEAST_GAIN,
                    low=estimate.low + LEAST_GAIN,
                    high=estimate.high + LEAST_GAIN,
                    unit="% of the objective",
                    p=estimate.p,
                    about=(method,),
                )
            )
    return found


def _gain_of_second_half(solve: Solve) -> float | None:
    """Return the per cent by which the objective fell after half of the time."""
    limit = solve.time_limit_s
    if limit is None or not solve.improvements or solve.elapsed_s < 0.9 * limit:
        return None
    early = [value for at, value in solve.improvements if at <= limit / 2]
    if not early or early[-1] == 0:
        return None
    return 100 * (early[-1] - solve.improvements[-1][1]) / abs(early[-1])


def _tell(found: Hypothesis) -> Told:
    (method,) = found.about
    return Told(
        title=f"Twice the seconds lower the objectives of {method}",
        description=(
            f"The second half of their time lowered the objectives of {found.n} solves "
            f"by {found.effect:.2g} % in the middle; twice the seconds can be expected "
            "to do about as much as the first doubling did, or less."
        ),
        impact=f"up to {found.effect:.2g} % lower objectives for twice the time",
        priority="medium" if found.effect >= 1 else "low",
    )


SECONDS = Kind(
    name="more_seconds",
    action="raise_time_limit",
    test="Wilcoxon's signed-rank test against 0.1 %, Hodges-Lehmann estimate",
    query="results of the latest solves that used their time: improvements",
    hypotheses=_hypotheses,
    tell=_tell,
)
