"""Percentiles of what was only counted by size."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.metric import BOUNDS, EXPOSED_BOUNDS, JOB_RUN
from db.tally import SUM, Histogram, Tally

SIZES = st.floats(1e-4, 3600, allow_nan=False)


def histogram_of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(str(int(np.searchsorted(BOUNDS, value))), 1.0)
        histogram.add(SUM, value)
    return histogram


def test_buckets_are_a_tenth_wide() -> None:
    assert BOUNDS[0] == 1e-4
    assert BOUNDS[-1] >= 3600
    assert all(b / a < 1.105 for a, b in pairwise(BOUNDS))
    assert set(EXPOSED_BOUNDS) <= set(BOUNDS)


@given(st.lists(SIZES, min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_that_of_the_samples_within_a_bucket(
    values: list[float], q: float
) -> None:
    exact = float(np.quantile(values, q, method="inverted_cdf"))
    bucket = int(np.searchsorted(BOUNDS, exact))
    width = BOUNDS[bucket] - (BOUNDS[bucket - 1] if bucket else 0.0)
    assert abs(histogram_of(values).quantile(q) - exact) <= width * (1 + 1e-9)


@given(st.lists(SIZES, min_size=1, max_size=100))
def test_what_is_exposed_is_what_was_observed(values: list[float]) -> None:
    histogram = histogram_of(values)
    assert histogram.count == len(values)
    assert histogram.mean == pytest.approx(float(np.mean(values)))
    for bound in EXPOSED_BOUNDS:
        assert histogram.at_most(bound) == sum(value <= bound for value in values)


def test_what_is_too_large_is_said_to_be_as_large_as_can_be_told() -> None:
    assert histogram_of([1e9]).quantile(0.5) == BOUNDS[-1]
    assert histogram_of([1e9]).at_most(BOUNDS[-1]) == 0


def test_nothing_was_observed() -> None:
    assert (Histogram().quantile(0.5), Histogram().mean) == (0.0, 0.0)
    assert Tally({}).histogram(JOB_RUN).count == 0
