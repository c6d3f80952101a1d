from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from tests.unit.worker.qap.kinds import certified, instances, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.polished import PolishedSearch


class Each(PolishedSearch):
    """Polishes random permutations and keeps what came of them."""

    @override
    def portions(self) -> Iterator[int]:
        self.found = []
        while True:
            start = self.rng.permutation(self.permutation.size)
            self.found.append((start, *(yield from self.polish(start))))
            yield 1


def run(instance: Instance, count: int, sweeps: float = 100, seed: int = 1) -> Each:
    rng = np.random.default_rng(seed)
    search = Each(instance, rng, rng.permutation(instance.order), sweeps=sweeps)
    done = 0
    while done < count:
        done += search.advance(count - done)
    return search


@settings(max_examples=40)
@given(instances(), st.integers(0, 99))
def test_the_objective_is_that_of_the_definition(instance, seed) -> None:
    search = run(instance, 1, seed=seed)
    permutation = np.random.default_rng(seed + 1).permutation(instance.order)
    tolerance = 0 if instance.is_exact else 1e-12 * instance.magnitude
    wanted = certified(instance, permutation)
    assert search.evaluate(permutation) == pytest.approx(wanted, abs=tolerance)


@settings(max_examples=40)
@given(instances(), st.integers(0, 99))
def test_a_polished_permutation_is_a_local_optimum(instance, seed) -> None:
    ((_, permutation, value),) = run(instance, 1, seed=seed).found
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    assert value == pytest.approx(certified(instance, permutation), abs=tolerance)
    for r in range(instance.order):
        for s in range(r):
            assert swap_delta(instance, permutation, r, s) >= -tolerance


def test_without_sweeps_nothing_is_swapped() -> None:
    instance = random_instance("symmetric", 9, seed=1)
    ((start, permutation, value),) = run(instance, 1, sweeps=0).found
    np.testing.assert_array_equal(start, permutation)
    assert value == certified(instance, start)


def test_part_of_a_sweep_weighs_part_of_the_swaps() -> None:
    instance = random_instance("symmetric", 30, seed=1)
    means = [
        np.mean([value for *_, value in run(instance, 20, sweeps=sweeps).found])
        for sweeps in (0, 0.2, 1, 100)
    ]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) == 4


def test_the_incumbent_is_the_best_of_all() -> None:
    search = run(random_instance("asymmetric", 12, seed=1), 20)
    assert search.objective == min(value for *_, value in search.found)
    assert search.improvements.iterations[-1] <= 20


def test_a_long_descent_is_cut_into_portions() -> None:
    instance = random_instance("symmetric", 250, seed=1)
    rng = np.random.default_rng(1)
    search = Each(instance, rng, rng.permutation(250), sweeps=100)
    before = search.objective
    assert search.advance(1) == 0
    assert search.objective < before


def test_interchangeable_facilities_stand_in_order() -> None:
    flow = np.zeros((6, 6), dtype=int)
    flow[0, 1] = flow[1, 0] = 5
    distance = random_instance("symmetric", 6, seed=2).distance
    search = run(Instance(flow, distance), 1)
    found = search.sorted_by_kind(np.array([3, 1, 5, 0, 4, 2]))
    np.testing.assert_array_equal(found, [1, 3, 0, 2, 4, 5])
