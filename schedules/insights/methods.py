"""Which method wins, by size, at equal time."""

from collections import defaultdict
from itertools import combinations

import numpy as np

from schedules.insights.claim import Claim, Kind, size_class
from schedules.insights.history import History
from schedules.insights.inference import hodges_lehmann, signed_rank

LEAST_PAIRS = 10
"""With fewer the smallest p that the test can give says too little."""
LEAST_EFFECT = 1e-4
"""As a logarithm: less than a hundredth of a per cent is told to nobody."""


def claims(history: History) -> list[Claim]:
    """Compare every two methods on what both have solved in the same time."""
    logs: dict[tuple[str, str, float], dict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for each in history.solved:
        if each.objective > 0:
            key = (size_class(each.order), each.instance, each.time_s)
            logs[key][each.method].append(float(np.log(each.objective)))
    pairs: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for (size, instance, _), of in logs.items():
        for a, b in combinations(sorted(of), 2):
            # Seeds are averaged; so are, below, budgets: an instance is one witness.
            difference = float(np.mean(of[a]) - np.mean(of[b]))
            pairs[size, a, b][instance].append(difference)
    return [
        _claim(size, a, b, np.array([np.mean(each) for each in by_instance.values()]))
        for (size, a, b), by_instance in sorted(pairs.items())
        if len(by_instance) >= LEAST_PAIRS
    ]


def _claim(size: str, a: str, b: str, differences: np.ndarray) -> Claim:
    p = signed_rank(differences)
    effect, low, high = (float(np.expm1(x)) * 100 for x in hodges_lehmann(differences))
    winner, loser = (a, b) if effect <= 0 else (b, a)
    if effect > 0:
        turned = [(1 / (1 + x / 100) - 1) * 100 for x in (effect, high, low)]
        effect, low, high = turned
    if abs(effect) < LEAST_EFFECT * 100:
        p = 1.0
    n = len(differences)
    return Claim(
        kind="method_wins",
        subject=f"{size}|{winner}|{loser}",
        contrary=f"{size}|{loser}|{winner}",
        p=p,
        n=n,
        effect=effect,
        low=low,
        high=high,
        unit="percent of objective",
        test="Wilcoxon signed rank, paired by instance, at equal time",
        title=f"{winner} beats {loser} on instances of {size} facilities",
        description=(
            f"In the same time {winner} ends {-effect:.2f} % lower than {loser} "
            f"(95 %: {-high:.2f} to {-low:.2f} %), by {n} instances that both solved."
        ),
        impact=f"{-effect:.2f} % lower objectives in the same time",
        action="route_auto",
        priority="high" if effect < -1 else "medium",
        facts={"size": size, "instances": n, "winner": winner, "loser": loser},
    )


KIND = Kind(
    name="method_wins",
    hypothesis="Two methods end at different objectives in the same time.",
    test="Wilcoxon signed rank; Hodges-Lehmann interval",
    claims=claims,
    horizon_s=7 * 86400.0,
)
