"""The textbook's 2-opt, beside one that computes every objective from scratch."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from worker.qap import Instance, objective
from worker.qap.neighbourhood import neighbourhood
from worker.qap.restarting import restarting_descent


def from_scratch(instance: Instance, start: np.ndarray) -> tuple[list[int], int]:
    p, looked, improves = start.copy(), 0, True
    while improves:
        improves = False
        for i, j in combinations_with_replacement(range(p.size), 2):
            after = p.copy()
            after[[i, j]] = p[[j, i]]
            looked += 1
            if objective(instance, after) < objective(instance, p):
                p, improves = after, True
                break
    return p.tolist(), looked


def random_instance(seed: int, *, symmetric: bool, order: int = 7) -> Instance:
    rng = np.random.default_rng(seed)
    flow, distance = rng.integers(-9, 10, (2, order, order))
    if symmetric:
        flow, distance = flow + flow.T, distance + distance.T
    return Instance(flow, distance)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_the_swaps_are_those_of_the_textbook(seed: int, symmetric: bool) -> None:
    instance = random_instance(seed, symmetric=symmetric)
    start = np.random.default_rng(seed).permutation(7)
    found, looked = restarting_descent(
        neighbourhood(instance), start, 0.0, lambda before, after: pytest.fail("asked")
    )
    assert (found.tolist(), looked) == from_scratch(instance, start)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_in_doubt_is_asked_for(seed: int) -> None:
    instance = random_instance(seed, symmetric=False)
    start = np.random.default_rng(seed).permutation(7)
    asked: list[int] = []

    def is_better(before: np.ndarray, after: np.ndarray) -> bool:
        difference = objective(instance, after) - objective(instance, before)
        asked.append(abs(int(difference)))
        return difference < 0

    # So wide a margin leaves hardly a sign that the kernel may judge by itself.
    found, looked = restarting_descent(neighbourhood(instance), start, 300.0, is_better)
    assert (found.tolist(), looked) == from_scratch(instance, start)
    assert asked
    assert max(asked) <= 300


def test_the_start_is_left_as_it_is() -> None:
    start = np.array([0, 1])
    ready = neighbourhood(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    restarting_descent(ready, start, 0.0, lambda before, after: False)
    assert start.tolist() == [0, 1]
