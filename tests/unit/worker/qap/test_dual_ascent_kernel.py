import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from worker.qap.dual_ascent_kernel import OVER, _assign, _settle

FORBIDDEN = 2**59


def scratch(order: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((5, order), np.int64), np.zeros((3, order), np.int64)


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.floats(0, 0.7), st.booleans())
def test_the_least_cost_is_that_of_scipy(seed, order, share, has_spare) -> None:
    rng = np.random.default_rng(seed)
    costs = rng.integers(0, 30, (order, order))
    is_forbidden = rng.random((order, order)) < share
    rows = order
    if has_spare:
        # One row less than columns, and a column that nobody may take.
        rows, is_forbidden[:, order // 2] = order - 1, True
    lines, partners = scratch(order)
    w = np.where(is_forbidden, FORBIDDEN, costs)
    before = w.copy()
    value = _assign(w, rows, order, 10**6, FORBIDDEN, lines, partners)
    np.testing.assert_array_equal(w, before)
    finite = np.where(is_forbidden, 10**6, costs)[:rows]
    i, k = linear_sum_assignment(finite)
    if is_forbidden[i, k].any():
        assert value == OVER
        return
    assert value == finite[i, k].sum()
    columns = ~is_forbidden[:rows].all(axis=0)
    reduced = w[:rows] - lines[0, :rows, np.newaxis] - lines[1]
    assert (reduced >= 0).all()
    assert value == lines[0, :rows].sum() + lines[1, columns].sum()


@pytest.mark.parametrize("cap", [41, 42])
def test_what_costs_more_than_the_cap_is_over(cap: int) -> None:
    lines, partners = scratch(3)
    w = np.array([[14, 30, 30], [30, 14, 30], [30, 30, 14]])
    value = _assign(w, 3, 3, cap, FORBIDDEN, lines, partners)
    assert value == (42 if cap == 42 else OVER)


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 31, 32, 40])
def test_any_number_of_rows_may_be_forbidden_throughout(rows: int) -> None:
    lines, partners = scratch(40)
    leaders = np.zeros((40, 40), dtype=np.int64)
    leaders[:rows] = FORBIDDEN
    assert _settle(leaders, 40, 2**50, FORBIDDEN, lines, partners) == OVER
