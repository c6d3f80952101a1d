from itertools import permutations

import numpy as np
import pytest

from worker.qap.birkhoff import balanced, rounding


def returned(steps):
    """Return what a generator returns at its end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("spread", [1, 3, 5])
def test_balancing_converges_to_sums_of_one(spread: float) -> None:
    potential = spread * np.random.default_rng(3).normal(size=(20, 20))
    errors = [
        np.abs(balanced(potential, sweeps).sum(axis=1) - 1).max()
        for sweeps in (1, 10, 2000)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-9
    matrix = balanced(potential, 1)
    np.testing.assert_allclose(matrix.sum(axis=0), 1)
    assert (matrix > 0).all()


def test_sweeps_go_on_where_those_before_ended() -> None:
    potential = 3 * np.random.default_rng(3).normal(size=(20, 20))
    scaling = np.ones(20)
    balanced(potential, 4, scaling)
    resumed = balanced(potential, 3, scaling)
    np.testing.assert_allclose(resumed, balanced(potential, 7))


def test_what_belongs_to_a_row_or_a_column_changes_no_balance() -> None:
    rng = np.random.default_rng(4)
    potential = rng.normal(size=(6, 6))
    moved = potential + rng.normal(size=(6, 1)) + rng.normal(size=6)
    np.testing.assert_allclose(balanced(potential, 200), balanced(moved, 200))


def test_entries_far_apart_stay_finite() -> None:
    matrix = balanced(np.array([[0.0, -1e5], [-1e5, -2e5]]), 5)
    assert np.isfinite(matrix).all()


@pytest.mark.parametrize("order", [1, 2, 40, 200])
def test_a_permutation_matrix_rounds_to_itself(order: int) -> None:
    columns = np.random.default_rng(order).permutation(order)
    found = returned(rounding(np.eye(order)[columns]))
    np.testing.assert_array_equal(found, columns)


@pytest.mark.parametrize("seed", range(5))
def test_rounding_is_best_of_all(seed: int) -> None:
    matrix = balanced(np.random.default_rng(seed).normal(size=(6, 6)), 20)
    found = returned(rounding(matrix))
    rows = np.arange(6)
    best = max(matrix[rows, list(p)].sum() for p in permutations(range(6)))
    assert matrix[rows, found].sum() == pytest.approx(best)
