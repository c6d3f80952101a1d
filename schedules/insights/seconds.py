"""What more seconds would buy, by what the last doubling of the time has bought."""

from collections import defaultdict

import numpy as np

from schedules.insights.claim import Claim, Kind, size_class
from schedules.insights.history import History
from schedules.insights.inference import hodges_lehmann, signed_rank

LEAST_INSTANCES = 10
WORTH = 0.001
"""A doubling that buys less than a tenth of a per cent is not worth telling."""


def claims(history: History) -> list[Claim]:
    """Ask of each method, size and time whether its last half bought a tenth of 1 %."""
    gains: dict[tuple[str, str, float], dict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for each in history.solved:
        if each.half_objective is not None and each.half_objective > 0:
            gain = (each.half_objective - each.objective) / each.half_objective
            key = (each.method, size_class(each.order), each.time_s)
            gains[key][each.instance].append(gain)
    return [
        _claim(*key, np.array([np.mean(each) for each in by_instance.values()]))
        for key, by_instance in sorted(gains.items())
        if len(by_instance) >= LEAST_INSTANCES
    ]


def _claim(method: str, size: str, time_s: float, gains: np.ndarray) -> Claim:
    p = signed_rank(gains - WORTH, alternative="greater")
    effect, low, high = (100 * x for x in hodges_lehmann(gains))
    n = len(gains)
    return Claim(
        kind="more_seconds",
        subject=f"{method}|{size}|{time_s:g}",
        nothing=100 * WORTH,
        p=p,
        n=n,
        effect=effect,
        low=low,
        high=high,
        unit="percent of objective",
        test=f"Wilcoxon signed rank against {100 * WORTH:g} %, one-sided",
        title=f"{method} still improves at {time_s:g} s on {size} facilities",
        description=(
            f"The second half of {time_s:g} s still lowers the objective by "
            f"{effect:.2f} % (95 %: {low:.2f} to {high:.2f} %), by {n} instances. The "
            "next doubling usually buys less than the last."
        ),
        impact=f"at most about {effect:.2f} % lower objectives for {time_s:g} s more",
        action="raise_time_limit",
        facts={"method": method, "size": size, "time_s": time_s},
    )


KIND = Kind(
    name="more_seconds",
    hypothesis="The last doubling of the time has bought more than 0.1 %.",
    test="Wilcoxon signed rank, one-sided; Hodges-Lehmann interval",
    claims=claims,
    horizon_s=7 * 86400.0,
)
