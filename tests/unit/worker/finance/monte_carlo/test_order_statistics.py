import numpy as np
import pytest
from scipy import stats

from worker.finance.monte_carlo.order_statistics import (
    histogram,
    proportion,
    quantile,
    ranks,
    tail,
)


@pytest.mark.parametrize("count", [10, 100, 1000, 100_000])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.99])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
def test_ranks_are_the_closest_that_cover(
    count: int, share: float, level: float
) -> None:
    low, high = ranks(count, share, level)
    known = stats.binom(count, share)
    rest = (1 - level) / 2
    below = -1 if low is None else low - 1
    assert known.cdf(below) <= rest
    assert known.cdf(below + 1) > rest
    above = count + 1 if high is None else high
    assert known.cdf(above - 1) >= 1 - rest
    assert above == 1 or known.cdf(above - 2) < 1 - rest


def test_intervals_hold_the_quantile_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(8), 0
    for _ in range(500):
        ordered = np.sort(rng.standard_cauchy(200))
        found = quantile(ordered, 0.75, level=0.9, independent=200)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1.0 <= found.high
    # At least 90 %; three standard deviations of the count below that.
    assert held >= 450 - 3 * (500 * 0.9 * 0.1) ** 0.5


def test_pairs_are_worth_half_their_paths() -> None:
    ordered = np.arange(2000.0)
    alone = quantile(ordered, 0.5, level=0.95, independent=2000)
    paired = quantile(ordered, 0.5, level=0.95, independent=1000)
    assert alone.value == paired.value == 999
    assert paired.low is not None
    assert alone.low is not None
    assert paired.high is not None
    assert alone.high is not None
    ratio = (paired.high - paired.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(2**0.5, rel=0.05)


def test_a_tail_is_the_mean_of_the_worst() -> None:
    found = tail(np.arange(100.0), 0.05, independent=100)
    assert (found.value_at_risk, found.shortfall) == (4, 2)


def test_the_error_of_a_tail_is_its_deviation_over_samples() -> None:
    rng = np.random.default_rng(2)
    samples = [
        tail(np.sort(rng.normal(size=2000)), 0.1, independent=2000) for _ in range(400)
    ]
    spread = np.std([each.shortfall for each in samples])
    told = np.mean([each.standard_error for each in samples])
    assert told == pytest.approx(spread, rel=0.12)
    expected = -stats.norm.pdf(stats.norm.ppf(0.1)) / 0.1
    mean = np.mean([each.shortfall for each in samples])
    assert mean == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("hits", "count"), [(0, 50), (7, 50), (50, 50)])
def test_a_share_has_the_interval_of_clopper_and_pearson(hits: int, count: int) -> None:
    found = proportion(hits, count, level=0.95, independent=count)
    known = stats.binomtest(hits, count).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((known.low, known.high))


def test_bins_count_everything() -> None:
    values = np.sort(np.random.default_rng(1).normal(size=1000))
    edges, counts = histogram(values, 10)
    known, known_edges = np.histogram(values, 10)
    assert counts == known.tolist()
    assert edges == pytest.approx(known_edges)
    assert histogram(np.full(9, 2.0), 5) == ([2.0, 2.0], [9])
