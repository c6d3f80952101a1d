import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.qap.crossing import cross, shift

ORDERS = st.integers(2, 30)
SEEDS = st.integers(0, 2**32 - 1)


@given(ORDERS, SEEDS)
def test_a_child_is_a_permutation_and_keeps_what_its_parents_share(n, seed) -> None:
    rng = np.random.default_rng(seed)
    mother = rng.permutation(n)
    father = shift(mother, int(rng.integers(2, n + 1)), rng)
    child = cross(mother, father, rng)
    np.testing.assert_array_equal(np.sort(child), np.arange(n))
    shared = mother == father
    np.testing.assert_array_equal(child[shared], mother[shared])


@given(ORDERS, SEEDS)
def test_of_twins_comes_a_twin(n, seed) -> None:
    rng = np.random.default_rng(seed)
    parent = rng.permutation(n)
    np.testing.assert_array_equal(cross(parent, parent, rng), parent)


def test_a_child_takes_most_from_its_parents_and_about_half_from_each() -> None:
    rng = np.random.default_rng(4)
    mother, father = rng.permutation(200), rng.permutation(200)
    child = cross(mother, father, rng)
    shares = [(child == parent).mean() for parent in (mother, father)]
    assert min(shares) > 0.25
    assert sum(shares) > 0.7


@given(ORDERS, SEEDS, st.data())
def test_a_shift_moves_so_many_and_no_more(n, seed, data) -> None:
    rng = np.random.default_rng(seed)
    before = rng.permutation(n)
    size = data.draw(st.integers(2, n))
    after = shift(before, size, rng)
    assert (after != before).sum() == size
    np.testing.assert_array_equal(np.sort(after), np.arange(n))
