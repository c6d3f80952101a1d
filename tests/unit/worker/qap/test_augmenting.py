import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from worker.qap.augmenting import AugmentingPaths


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(0, 2**32 - 1), st.sampled_from([2, 50, 10**12]))
def test_the_least_total_is_that_of_scipy(order, seed, size) -> None:
    costs = np.random.default_rng(seed).integers(-size, size, (order, order))
    paths = AugmentingPaths(costs)
    assert paths.advance(order) == order
    assert paths.finished
    rows, columns = linear_sum_assignment(costs)
    assert paths.total == costs[rows, columns].sum()


@pytest.mark.parametrize("portion", [1, 7])
def test_portions_do_not_change_the_total(portion: int) -> None:
    costs = np.random.default_rng(1).integers(0, 99, (20, 20))
    whole, parts = AugmentingPaths(costs), AugmentingPaths(costs)
    whole.advance(20)
    while not parts.finished:
        assert 1 <= parts.advance(portion) <= portion
    assert parts.total == whole.total


def test_the_duals_prove_the_total() -> None:
    costs = np.random.default_rng(1).integers(0, 9, (40, 40))
    paths = AugmentingPaths(costs)
    paths.advance(40)
    u, v = paths._u, paths._v[:-1]
    assert (u[:, np.newaxis] + v <= costs).all()
    assert u.sum() + v.sum() == paths.total


def test_rows_that_take_long_are_assigned_in_several_portions() -> None:
    # Every row comes where the one before was, which has to make room: long paths.
    costs = np.multiply.outer(np.arange(500), np.arange(500))
    paths = AugmentingPaths(costs)
    portions = 0
    while not paths.finished:
        assert paths.advance(500) > 0
        portions += 1
    visited = 500 * 500 * 500 / 2
    assert portions > visited / 2**23
    rows, columns = linear_sum_assignment(costs)
    assert paths.total == costs[rows, columns].sum()
