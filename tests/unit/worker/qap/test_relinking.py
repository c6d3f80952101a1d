from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified, instances, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.neighbourhood import neighbourhood
from worker.qap.relinking import Relinking


def ends(instance: Instance, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.permutation(instance.order), rng.permutation(instance.order)


def walk(instance: Instance, seed: int, swaps: int) -> tuple[Relinking, list]:
    start, guide = ends(instance, seed)
    relinking = Relinking(neighbourhood(instance))
    relinking.start(start, guide)
    path = [start]
    while not relinking.finished:
        assert relinking.advance(swaps) <= swaps
        if not np.array_equal(path[-1], relinking.permutation):
            path.append(relinking.permutation.copy())
    return relinking, path


@settings(max_examples=40)
@given(instances(), st.integers(0, 999))
def test_a_path_ends_at_the_guide_and_comes_nearer_with_each_step(
    instance, seed
) -> None:
    _, guide = ends(instance, seed)
    _, path = walk(instance, seed, 1)
    np.testing.assert_array_equal(path[-1], guide)
    differences = [np.count_nonzero(p != guide) for p in path]
    assert (np.diff(differences) < 0).all()
    for before, after in pairwise(path):
        assert np.count_nonzero(before != after) == 2


@settings(max_examples=40)
@given(instances(min_order=3), st.integers(0, 999))
def test_every_step_is_the_best_that_leads_to_the_guide(instance, seed) -> None:
    _, guide = ends(instance, seed)
    _, path = walk(instance, seed, 1)
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    for p, after in pairwise(path):
        leading = [
            swap_delta(instance, p, r, int(np.flatnonzero(p == guide[r])[0]))
            for r in np.flatnonzero(p != guide)
        ]
        made = certified(instance, after) - certified(instance, p)
        assert made == pytest.approx(min(leading), abs=tolerance)


@settings(max_examples=40)
@given(instances(), st.integers(0, 999), st.integers(1, 30))
def test_the_lowest_is_the_best_strictly_between(instance, seed, swaps) -> None:
    _, path = walk(instance, seed, 1)
    relinking, _ = walk(instance, seed, swaps)
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    between = [certified(instance, p) for p in path[1:-1]]
    first = certified(instance, path[0])
    found = certified(instance, relinking.lowest)
    wanted = min(between) if between else first
    assert found == pytest.approx(wanted, abs=tolerance)
    assert relinking.gain == pytest.approx(found - first, abs=tolerance)


def test_from_the_guide_itself_there_is_nothing_to_do() -> None:
    relinking = Relinking(neighbourhood(random_instance("symmetric", 6, seed=1)))
    relinking.start(np.arange(6), np.arange(6))
    assert relinking.finished
    assert relinking.gain == 0
    assert relinking.lowest.tolist() == [0, 1, 2, 3, 4, 5]
