import numpy as np

from tests.unit.worker.qap.kinds import random_instance
from worker.qap import IterationLimit, solve, swap_delta
from worker.qap.methods.two_swap import TwoSwap
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import best_known, load


def test_its_first_answer_is_a_local_optimum_below_the_start() -> None:
    instance, start = random_instance("asymmetric linear", 9, seed=1), np.arange(9)
    search = TwoSwap(instance, neighbourhood(instance), np.random.default_rng(1), start)
    first = search.objective
    while not search.descent.finished:
        search.advance(1)
    found = search.descent.permutation
    assert search.objective < first
    assert (
        min(swap_delta(instance, found, r, s) for r in range(9) for s in range(r)) >= 0
    )


def test_more_starts_find_more() -> None:
    instance = load("nug20")
    objectives = [
        solve(
            instance,
            "two_swap",
            stop=IterationLimit(iterations),
            rng=np.random.default_rng(2),
        ).objective
        for iterations in (2_000, 2_000_000)
    ]
    assert objectives[1] < objectives[0]
    assert objectives[1] <= 1.01 * best_known("nug20").value
