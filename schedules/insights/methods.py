"""Which method finds the lower objective in the same time, by size and by family.

Hypothesis: of two methods, given the same instance and the same seconds, neither finds
lower objectives. A pair is an instance with a time limit that both have solved.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from schedules.insights.finding import Hypothesis, Kind, Told
from schedules.insights.history import History, Solve
from schedules.insights.rank_tests import signed_rank

LEAST_PAIRS = 8
SIZES = ((1, 15), (16, 30), (31, 60), (61, 10_000))

_Cells = dict[tuple[str, float], dict[str, list[float]]]


def _hypotheses(history: History) -> Sequence[Hypothesis]:
    return list(_compared(history.solves))


def _compared(solves: Sequence[Solve]) -> Iterator[Hypothesis]:
    for group, members in _groups(solves).items():
        cells: _Cells = defaultdict(lambda: defaultdict(list))
        for each in members:
            if each.time_limit_s is not None:
                key = each.instance, each.time_limit_s
                cells[key][each.method].append(each.objective)
        for first, second in combinations(sorted({s.method for s in members}), 2):
            differences = _differences(cells, first, second)
            if len(differences) < LEAST_PAIRS:
                continue
            found = signed_rank(np.array(differences))
            if found is not None:
                yield Hypothesis(
                    claim=f"{group}/{first}/{second}",
                    n=found.n,
                    effect=found.effect,
                    low=found.low,
                    high=found.high,
                    unit="% of the objective",
                    p=found.p,
                    about=(group, first, second),
                )


def _groups(solves: Sequence[Solve]) -> dict[str, list[Solve]]:
    groups: dict[str, list[Solve]] = defaultdict(list)
    for each in solves:
        for low, high in SIZES:
            if low <= each.order <= high:
                many = f"{low} to {high}" if high < SIZES[-1][1] else f"{low} and more"
                groups[f"{many} facilities"].append(each)
        if each.family:
            groups[f"the family {each.family}"].append(each)
    return groups


def _differences(cells: _Cells, first: str, second: str) -> list[float]:
    """Return by how many per cent the second is above the first, for each pair."""
    differences = []
    for found in cells.values():
        if first in found and second in found:
            a, b = float(np.mean(found[first])), float(np.mean(found[second]))
            scale = (abs(a) + abs(b)) / 2
            differences.append(100 * (b - a) / scale if scale else 0.0)
    return differences


def _tell(found: Hypothesis) -> Told:
    group, first, second = found.about
    best, other = (first, second) if found.effect > 0 else (second, first)
    by = abs(found.effect)
    return Told(
        title=f"{best} beats {other} with {group}",
        description=(
            f"In the same time {best} found objectives lower by {by:.2g} % than "
            f"{other}, over {found.n} pairs of instance and time limit."
        ),
        impact=f"{by:.2g} % lower objectives where {other} is used now",
        priority="high" if by >= 1 else "medium",
    )


METHODS = Kind(
    name="method_comparison",
    action="choose_method",
    test="Wilcoxon's signed-rank test on pairs, Hodges-Lehmann estimate",
    query="latest succeeded solves with a time limit: method, instance, objective",
    hypotheses=_hypotheses,
    tell=_tell,
)
