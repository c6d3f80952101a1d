"""Response times: put together they are what they would have been at once."""

import math

from hypothesis import given
from hypothesis import strategies as st

from db.contracts.response_times import ACCURACY, ResponseTimes

TIMES = st.lists(st.floats(0.01, 60_000), max_size=60)


def of(observed: list[float]) -> ResponseTimes:
    times = ResponseTimes()
    for each in observed:
        times.add(each)
    return times


@given(TIMES.filter(bool), st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_that_of_the_sorted_list(observed: list[float], q: float) -> None:
    exact = sorted(observed)[max(1, math.ceil(q * len(observed))) - 1]
    found = of(observed).quantile_ms(q)
    assert found is not None
    assert abs(found - exact) <= exact * (ACCURACY + 1e-9)


@given(TIMES, TIMES)
def test_parts_make_the_whole_and_survive_being_kept(
    first: list[float], second: list[float]
) -> None:
    merged, part = of(first), of(second)
    merged.merge(ResponseTimes.load(part.count, part.sum_ms, part.dump()))
    whole = of(first + second)
    assert (merged.count, merged.buckets) == (whole.count, whole.buckets)
    assert math.isclose(merged.sum_ms, whole.sum_ms)


def test_of_nothing_there_is_no_mean() -> None:
    assert (ResponseTimes().mean_ms, ResponseTimes().quantile_ms(0.5)) == (None, None)
    assert of([1.0, 2.0]).mean_ms == 1.5
    assert of([0.0]).quantile_ms(0.5) is not None
