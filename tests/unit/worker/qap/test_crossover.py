import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified, instances, random_instance
from worker.qap.crossover import swap_path_crossover, uniform_crossover
from worker.qap.neighbourhood import neighbourhood
from worker.qap.path_kernel import swap_path
from worker.qap.shifting import shift


def cross(instance, mother, father, seed: int) -> np.ndarray:
    ahead = certified(instance, father) - certified(instance, mother)
    rng = np.random.default_rng(seed)
    return swap_path_crossover(
        neighbourhood(instance), mother, father, ahead=float(ahead), rng=rng
    )


@settings(max_examples=80)
@given(instances(), st.integers(0, 99))
def test_the_child_keeps_what_its_parents_have_in_common(instance, seed) -> None:
    n = instance.order
    rng = np.random.default_rng(seed)
    mother = rng.permutation(n)
    father = mother.copy()
    some = rng.choice(n, size=rng.integers(1, n + 1), replace=False)
    father[some] = mother[rng.permutation(some)]
    child = cross(instance, mother, father, seed)
    assert sorted(child) == list(range(n))
    common = mother == father
    np.testing.assert_array_equal(child[common], mother[common])


def test_the_child_of_two_equal_parents_is_the_same() -> None:
    instance = random_instance("symmetric", 7, seed=1)
    parent = np.random.default_rng(2).permutation(7)
    np.testing.assert_array_equal(cross(instance, parent, parent, 3), parent)


def test_the_child_stands_between_its_parents() -> None:
    instance = random_instance("asymmetric linear", 40, seed=1)
    mother, father = np.random.default_rng(2).permuted([range(40)] * 2, axis=1)
    for seed in range(10):
        child = cross(instance, mother, father, seed)
        assert (child == mother).sum() > (father == mother).sum()
        assert (child == father).sum() > (father == mother).sum()


def test_the_parents_are_not_changed() -> None:
    instance = random_instance("symmetric", 9, seed=1)
    mother, father = np.random.default_rng(2).permuted([range(9)] * 2, axis=1)
    before = mother.copy(), father.copy()
    cross(instance, mother, father, 3)
    np.testing.assert_array_equal((mother, father), before)


@settings(max_examples=60)
@given(instances(), st.integers(0, 99), st.integers(0, 9))
def test_the_path_knows_both_objectives(instance, seed, swaps) -> None:
    n, ready = instance.order, neighbourhood(instance)
    rng = np.random.default_rng(seed)
    a, b, order = (rng.permutation(n) for _ in range(3))
    ahead = float(certified(instance, b) - certified(instance, a)) / ready.scale
    found = ready.scale * swap_path(
        ready.flow,
        ready.distance,
        ready.linear,
        a,
        b,
        ahead,
        order,
        ready.is_symmetric,
        swaps,
    )
    wanted = certified(instance, b) - certified(instance, a)
    tolerance = 0 if instance.is_exact else 1e-11 * instance.magnitude
    assert found == pytest.approx(wanted, abs=tolerance)


def test_a_path_of_n_swaps_ends_where_both_agree() -> None:
    ready = neighbourhood(random_instance("negative", 12, seed=1))
    rng = np.random.default_rng(4)
    a, b, order = (rng.permutation(12) for _ in range(3))
    matrices = ready.flow, ready.distance, ready.linear
    swap_path(*matrices, a, b, 0.0, order, ready.is_symmetric, 12)
    np.testing.assert_array_equal(a, b)


ORDERS = st.integers(2, 30)
SEEDS = st.integers(0, 2**32 - 1)


@given(ORDERS, SEEDS)
def test_a_child_is_a_permutation_and_keeps_what_its_parents_share(n, seed) -> None:
    rng = np.random.default_rng(seed)
    mother = rng.permutation(n)
    father = shift(mother, int(rng.integers(2, n + 1)), rng)
    child = uniform_crossover(mother, father, rng)
    np.testing.assert_array_equal(np.sort(child), np.arange(n))
    shared = mother == father
    np.testing.assert_array_equal(child[shared], mother[shared])


@given(ORDERS, SEEDS)
def test_of_twins_comes_a_twin(n, seed) -> None:
    rng = np.random.default_rng(seed)
    parent = rng.permutation(n)
    np.testing.assert_array_equal(uniform_crossover(parent, parent, rng), parent)


def test_a_child_takes_most_from_its_parents_and_about_half_from_each() -> None:
    rng = np.random.default_rng(4)
    mother, father = rng.permutation(200), rng.permutation(200)
    child = uniform_crossover(mother, father, rng)
    shares = [(child == parent).mean() for parent in (mother, father)]
    assert min(shares) > 0.25
    assert sum(shares) > 0.7
