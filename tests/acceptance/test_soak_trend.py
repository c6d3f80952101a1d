"""A soak's judgements, on series of which the truth is known."""

import numpy as np
import pytest
from numpy.random import Generator

from tests.benchmarks.soak.trend import Judgement, ratio, slope, tellable_share

HOURS = np.linspace(0.5, 1.0, 180)
BLOCK = 30


def wandering(rng: Generator, size: float) -> list[float]:
    """Return noise in which neighbours are alike."""
    found = [0.0]
    for step in rng.normal(0, size, len(HOURS) - 1):
        found.append(0.8 * found[-1] + step)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_a_leak_is_found_in_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = 130 + 40 * HOURS + wandering(rng, 0.5)
    found = slope(HOURS, values, block=BLOCK, rng=rng)
    assert found.judged(5.0) is Judgement.GROWS
    assert found.low < 40 < found.high


@pytest.mark.parametrize("seed", range(5))
def test_what_is_flat_is_found_flat(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = 130 + np.array(wandering(rng, 0.1))
    assert slope(HOURS, values, block=BLOCK, rng=rng).judged(5.0) is Judgement.FLAT


def test_outliers_do_not_make_a_leak() -> None:
    rng = np.random.default_rng(3)
    values = 130 + np.array(wandering(rng, 0.1))
    values[-12:] += 50
    assert slope(HOURS, values, block=BLOCK, rng=rng).judged(5.0) is not Judgement.GROWS


def test_too_much_noise_decides_nothing() -> None:
    rng = np.random.default_rng(3)
    values = 130 + 6 * HOURS + wandering(rng, 3.0)
    assert slope(HOURS, values, block=BLOCK, rng=rng).judged(5.0) is Judgement.UNDECIDED


def minutes(rng: Generator, mean: float) -> list[list[float]]:
    return [rng.gamma(2.0, mean / 2, 60).tolist() for _ in range(20)]


def test_twice_as_slow_is_found() -> None:
    rng = np.random.default_rng(1)
    found = ratio(minutes(rng, 0.01), minutes(rng, 0.02), share=0.99, rng=rng)
    assert found.judged(1.5) is Judgement.GROWS
    assert found.low < 2.0 < found.high


def test_as_fast_as_before_is_flat() -> None:
    rng = np.random.default_rng(1)
    found = ratio(minutes(rng, 0.01), minutes(rng, 0.01), share=0.99, rng=rng)
    assert found.judged(1.5) is Judgement.FLAT


def test_few_numbers_tell_no_high_quantile() -> None:
    assert [tellable_share(count) for count in (1000, 200, 100, 30)] == [
        0.99,
        0.95,
        0.9,
        0.5,
    ]
