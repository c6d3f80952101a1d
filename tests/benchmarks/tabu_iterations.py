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
from numba import njit

from worker.qap import Instance, certify
from worker.qap.methods import METHODS
from worker.qap.qaplib import load

NAMES = ("nug30", "tai50a", "tai100a")
ROUNDS = 5
SECONDS = 0.5
NEEDED = {"tai100a": 10.0}


@njit(nogil=True)
def delta_afresh(f, d, p, r, s):
    delta = (f[r, r] - f[s, s]) * (d[p[s], p[s]] - d[p[r], p[r]])
    delta += (f[r, s] - f[s, r]) * (d[p[s], p[r]] - d[p[r], p[s]])
    for k in range(len(p)):
        if k not in (r, s):
            delta += (f[k, r] - f[k, s]) * (d[p[k], p[s]] - d[p[k], p[r]])
            delta += (f[r, k] - f[s, k]) * (d[p[s], p[k]] - d[p[r], p[k]])
    return delta


@njit(nogil=True)
def delta_updated(f, d, p, delta, i, j, r, s):
    # p has r and s swapped already; i and j are neither.
    return (
        delta
        + (f[r, i] - f[r, j] + f[s, j] - f[s, i])
        * (d[p[s], p[i]] - d[p[s], p[j]] + d[p[r], p[j]] - d[p[r], p[i]])
        + (f[i, r] - f[j, r] + f[j, s] - f[i, s])
        * (d[p[i], p[s]] - d[p[j], p[s]] + d[p[j], p[r]] - d[p[i], p[r]])
    )


@njit(nogil=True)
def delta_updated_symmetric(f, d, p, delta, i, j, r, s):
    return delta + 2 * (f[r, i] - f[r, j] + f[s, j] - f[s, i]) * (
        d[p[s], p[i]] - d[p[s], p[j]] + d[p[r], p[j]] - d[p[r], p[i]]
    )


def textbook(updated):
    @njit(nogil=True)
    def run(f, d, p, value, iterations, seed, longest, aspiration):
        np.random.seed(seed)  # noqa: NPY002, TID251
        n = len(p)
        p, best = p.copy(), p.copy()
        current = least = value
        deltas = np.zeros((n, n), dtype=np.int64)
        taboo = -np.arange(n * n).reshape(n, n)
        for i in range(n):
            for j in range(i + 1, n):
                deltas[i, j] = delta_afresh(f, d, p, i, j)
        draws = np.random.random((iterations, 2)) ** 3  # noqa: NPY002
        for now in range(1, iterations + 1):
            r, s, lowest, forced = -1, -1, 2**62, False
            for i in range(n):
                for j in range(i + 1, n):
                    t_i, t_j, z = taboo[i, p[j]], taboo[j, p[i]], deltas[i, j]
                    allowed = t_i < now or t_j < now
                    aspired = (
                        t_i < now - aspiration
                        or t_j < now - aspiration
                        or current + z < least
                    )
                    if (aspired and not forced) or (
                        z < lowest and (aspired or (allowed and not forced))
                    ):
                        r, s, lowest, forced = i, j, z, aspired
            if r < 0:
                continue
            taboo[r, p[r]] = now + 1 + int(longest * draws[now - 1, 0])
            taboo[s, p[s]] = now + 1 + int(longest * draws[now - 1, 1])
            p[r], p[s] = p[s], p[r]
            current += deltas[r, s]
            if current < least:
                least = current
                best[:] = p
            for i in range(n):
                for j in range(i + 1, n):
                    if i not in (r, s) and j not in (r, s):
                        deltas[i, j] = updated(f, d, p, deltas[i, j], i, j, r, s)
                    else:
                        deltas[i, j] = delta_afresh(f, d, p, i, j)
        return least, best

    return run


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


def theirs(instance: Instance, permutation, run) -> Callable[[int], float]:
    flow, distance = instance.flow.copy(), instance.distance.copy()
    value = certify(flow, distance, None, permutation)
    n = instance.order

    def step(iterations: int) -> float:
        begun = perf_counter()
        least, best = run(
            flow, distance, permutation, value, iterations, 1, 8 * n, 10 * n * n
        )
        elapsed = perf_counter() - begun
        exact = certify(flow, distance, None, best)
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
    general = textbook(delta_updated)
    symmetric = textbook(delta_updated_symmetric)
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
            theirs(instance, permutation, general),
            theirs(instance, permutation, symmetric),
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
