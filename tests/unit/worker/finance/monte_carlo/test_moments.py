from functools import reduce

import numpy as np
import pytest
from scipy import stats

from worker.finance.monte_carlo.moments import Moments, merged, moments_of


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_merged_moments_are_those_of_all(parts: int) -> None:
    values = np.random.default_rng(3).gamma(2, 50, 1000) + 1e6
    chunks = np.array_split(values, parts)
    found = reduce(merged, map(moments_of, chunks), Moments())
    assert found.count == 1000
    assert found.mean == pytest.approx(values.mean(), rel=1e-14)
    assert found.variance == pytest.approx(values.var(ddof=1), rel=1e-10)
    assert found.skewness == pytest.approx(stats.skew(values), rel=1e-8)
    assert found.excess_kurtosis == pytest.approx(stats.kurtosis(values), rel=1e-8)


def test_equal_numbers_have_no_shape() -> None:
    found = moments_of(np.full(5, 3.0))
    assert (found.variance, found.skewness, found.excess_kurtosis) == (0, None, None)
