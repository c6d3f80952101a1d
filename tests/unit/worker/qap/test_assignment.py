from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.qap.assignment import assign, assignment_bound, is_exactly_solvable


def cheapest(costs):
    rows = costs.tolist()
    return min(
        sum(row[k] for row, k in zip(rows, p, strict=True))
        for p in permutations(range(len(rows)))
    )


@given(st.integers(2, 6), st.integers(0, 2**32 - 1), st.sampled_from([9, 10**6, 2**62]))
def test_the_bound_of_integers_is_never_above_the_least_cost(n, seed, size) -> None:
    costs = np.random.default_rng(seed).integers(-size, size, (n, n))
    found, least = assignment_bound(costs), cheapest(costs)
    assert isinstance(found, int)
    assert found <= least
    if is_exactly_solvable(costs):
        assert found == least == costs[np.arange(n), assign(costs)].sum()
    else:
        assert least - found <= 1e-12 * n * size


@given(st.integers(2, 6), st.integers(0, 2**32 - 1), st.integers(-200, 200))
def test_the_bound_of_floats_is_never_above_the_least_cost(n, seed, power) -> None:
    costs = np.random.default_rng(seed).normal(size=(n, n)) * 10.0**power
    found, least = assignment_bound(costs), cheapest(costs)
    assert found <= least
    assert found == pytest.approx(least, abs=1e-11 * np.abs(costs).max())


def test_zero_floats_have_bound_zero() -> None:
    assert assignment_bound(np.zeros((3, 3))) == 0.0
