"""Iterations per second of `tabu_search` beside a textbook robust taboo search.

Run as ``python -m tests.benchmarks.tabu_iterations``. Both are compiled by numba in
this run and take turns, so that a busy machine slows both; the ratio is what counts.

The textbook keeps an n by n matrix of deltas and updates every entry in constant
time with look-ups through the permutation, as the method is usually written down;
once by the general formula and once by the one for symmetric instances, which does
half the work.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from worker.qap import Instance, certify
from worker.qap.benchmark.textbook import run_textbook
from worker.qap.methods import METHODS
from worker.qap.qaplib import load

NAMES = ("nug30", "tai50a", "tai100a")
ROUNDS = 5
SECONDS = 0.5
NEEDED = {"nug30": 10.0, "tai100a": 25.0}


def ours(instance: Instance, permutation) -> Callable[[int], float]:
    search = METHODS["tabu_search"].start(
        instance, np.random.default_rng(1), None, permutation
    )
    while search.advance(1) == 0:
        pass

    def step(iterations: int) -> float:
        begun = perf_counter()
        assert search.advance(iterations) == iterations
        elapsed = perf_counter() - begun
        flow, distance = instance.flow, instance.distance
        exact = certify(flow, distance, None, search.permutation)
        assert search.objective == exact, "tabu_search has lost exactness"
        return elapsed

    return step


def theirs(
    instance: Instance, permutation, is_symmetric: bool
) -> Callable[[int], float]:
    value = certify(instance.flow, instance.distance, None, permutation)
    n, rng = instance.order, np.random.default_rng(1)

    def step(iterations: int) -> float:
        p, best = permutation.copy(), permutation.copy()
        draws = rng.random((iterations, 2))
        begun = perf_counter()
        least = run_textbook(
            instance.flow,
            instance.distance,
            p,
            best,
            value,
            draws,
            8 * n,
            10 * n * n,
            is_symmetric,
        )
        elapsed = perf_counter() - begun
        exact = certify(instance.flow, instance.distance, None, best)
        assert least == exact, "the textbook has lost exactness"
        return elapsed

    step(2)  # compiles
    return step


def iterations_for(step: Callable[[int], float]) -> int:
    iterations = 100
    while (elapsed := step(iterations)) < SECONDS / 10:
        iterations *= 4
    return max(1, round(iterations * SECONDS / elapsed))


def main() -> None:
    print(
        f"Iterations/s, median of {ROUNDS} interleaved rounds of {SECONDS} s.\n"
        f"{'instance':10}{'tabu_search':>14}{'textbook':>12}{'ratio':>8}"
        f"{'(symmetric)':>14}{'ratio':>8}"
    )
    for name in NAMES:
        instance = load(name)
        permutation = np.random.default_rng(0).permutation(instance.order)
        steps = [
            ours(instance, permutation),
            theirs(instance, permutation, False),
            theirs(instance, permutation, True),
        ]
        counts = [iterations_for(step) for step in steps]
        rates = np.array(
            [
                [count / step(count) for step, count in zip(steps, counts, strict=True)]
                for _ in range(ROUNDS)
            ]
        )
        speed = [median(column) for column in rates.T]
        over_general = median(rates[:, 0] / rates[:, 1])
        over_symmetric = median(rates[:, 0] / rates[:, 2])
        print(
            f"{name:10}{speed[0]:14,.0f}{speed[1]:12,.0f}{over_general:7.1f}x"
            f"{speed[2]:14,.0f}{over_symmetric:7.1f}x"
        )
        assert over_general >= NEEDED.get(name, 0), f"{name} is slower than promised"


if __name__ == "__main__":
    main()
