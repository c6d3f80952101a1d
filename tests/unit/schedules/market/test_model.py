"""What the model states is what it does, in distribution and path by path."""

import numpy as np
import pytest

from db.contracts.market import CORRELATION, MODEL
from schedules.market.model import MarketModel, Statement

STEP_S = 10.0
FIELDS = [(m.low, m.middle, m.high, m.spread, m.half_life_s) for m in MODEL.values()]
STATED = Statement.of(FIELDS, CORRELATION)
# The same, but quick: what was long ago is soon forgotten.
QUICK = Statement.of(
    [(*f[:4], 10 * STEP_S * (1 + i)) for i, f in enumerate(FIELDS)], CORRELATION
)
WIDE = Statement.of([(-1.0, 0.5, 1.0, 0.9, 100.0)], [[1.0]])


def model(statement: Statement = QUICK, seed: int = 1) -> MarketModel:
    return MarketModel(statement, step_s=STEP_S, seed=seed)


def stepped(statement: Statement, paths: int, steps: int, step_s: float) -> np.ndarray:  # type: ignore[type-arg]
    """Return where independent paths from one start get to, drawn by another hand."""
    rng = np.random.default_rng(5)
    decay, covariance = statement.transition(step_s)
    state = np.tile(statement.spread, (paths, 1))
    for _ in range(steps):
        noise = rng.multivariate_normal(np.zeros(len(decay)), covariance, paths)
        state = state * decay + noise
    return state


def test_a_tick_has_its_values_whoever_asks_and_whenever() -> None:
    first, second = model(STATED), model(STATED)
    later = first.at(179_000_123)
    np.testing.assert_array_equal(second.at(179_000_000), first.at(179_000_000))
    np.testing.assert_array_equal(second.at(179_000_123), later)
    assert not np.array_equal(model(STATED, seed=2).at(179_000_123), later)


def test_a_tick_follows_from_the_one_before_it() -> None:
    one = model(STATED)
    decay, _ = STATED.transition(STEP_S)
    for number in (0, 1, 179_000_000):
        follows = one.deviation(number - 1) * decay + one.noise(number, 1)[0]
        np.testing.assert_allclose(one.deviation(number), follows, atol=1e-14)


@pytest.mark.parametrize("missed", [1, 6, 5000])
def test_a_gap_is_one_exact_transition(missed: int) -> None:
    one = model()
    decay, covariance = QUICK.transition(STEP_S)
    whole_decay, whole_covariance = QUICK.transition(STEP_S * missed)
    powers = decay ** np.arange(missed - 1, -1, -1)[:, None]
    # In distribution: the steps' covariances add up to that of the whole.
    summed = np.einsum("ki,ij,kj->ij", powers, covariance, powers)
    np.testing.assert_allclose(summed, whole_covariance, rtol=1e-12)
    np.testing.assert_allclose(decay**missed, whole_decay, rtol=1e-10)
    # And path by path: what is drawn in between is what comes over the gap.
    over = (powers * one.noise(1, missed)).sum(axis=0)
    after = one.deviation(0) * whole_decay + over
    np.testing.assert_allclose(one.deviation(missed), after, atol=1e-13)


def test_many_short_steps_and_a_long_one_are_the_same_in_distribution() -> None:
    short = stepped(QUICK, 20_000, 12, STEP_S)
    long = stepped(QUICK, 20_000, 1, 12 * STEP_S)
    decay, covariance = QUICK.transition(12 * STEP_S)
    deviation = np.sqrt(np.diag(covariance))
    for found in (short, long):
        error = (found.mean(axis=0) - decay * QUICK.spread) / deviation
        assert np.abs(error).max() < 4 / np.sqrt(20_000)
        close = np.cov(found.T) / np.outer(deviation, deviation)
        wanted = covariance / np.outer(deviation, deviation)
        assert np.abs(close - wanted).max() < 6 / np.sqrt(20_000)


def test_noise_has_the_stated_covariance() -> None:
    count = 100_000
    noise = model(STATED).noise(0, count)
    _, covariance = STATED.transition(STEP_S)
    scale = np.sqrt(np.diag(covariance))
    assert np.abs(noise.mean(axis=0) / scale).max() < 4 / np.sqrt(count)
    correlation = np.cov(noise.T) / np.outer(scale, scale)
    assert np.abs(correlation - covariance / np.outer(scale, scale)).max() < (
        6 / np.sqrt(count)
    )
    # Fields that come back at different speeds differ by less than this in a step.
    assert np.abs(covariance / np.outer(scale, scale) - CORRELATION).max() < 1e-3


def test_a_ticks_noise_is_its_own() -> None:
    one = model()
    all_of_it = one.noise(-3, 10)
    for row in range(10):
        alone = one.noise(row - 3, 1)[0]
        np.testing.assert_allclose(alone, all_of_it[row], rtol=1e-12)
    lags = np.corrcoef(one.noise(0, 50_000)[:-1, 0], one.noise(1, 49_999)[:, 0])
    assert abs(lags[0, 1]) < 4 / np.sqrt(50_000)


def test_values_have_the_stated_moments_in_the_long_run() -> None:
    one = model()
    # Independent: further apart than memory reaches.
    found = np.array([one.at(number * one.memory) for number in range(2000)])
    mean, deviation = QUICK.moments()
    error = (found.mean(axis=0) - mean) / deviation
    assert np.abs(error).max() < 4 / np.sqrt(2000)
    assert np.abs(found.std(axis=0) / deviation - 1).max() < 4 / np.sqrt(2 * 2000)
    below = (found < QUICK.middle).mean(axis=0)
    assert np.abs(below - 0.5).max() < 4 * 0.5 / np.sqrt(2000)
    spread = np.diag(QUICK.stationary)
    np.testing.assert_allclose(spread, QUICK.spread**2, rtol=1e-12)


def test_moments_are_those_of_an_independent_integral() -> None:
    x = np.linspace(-12, 12, 200_001)
    weight = np.exp(-0.5 * x**2)
    weight /= weight.sum()
    values = WIDE.values(x[:, None] * WIDE.spread)
    mean = weight @ values
    mean_found, deviation_found = WIDE.moments()
    np.testing.assert_allclose(mean_found, mean, atol=1e-9)
    np.testing.assert_allclose(
        deviation_found, np.sqrt(weight @ (values - mean) ** 2), atol=1e-9
    )


def test_no_value_leaves_its_bounds_whatever_is_drawn() -> None:
    one = model(Statement.of([(*f[:3], 3.0, 100.0) for f in FIELDS], CORRELATION))
    found = np.array([one.at(number * one.memory) for number in range(500)])
    assert np.all((found > one.statement.low) & (found < one.statement.high))
    # They come near to them: it is not that nothing moves.
    reach = (found - one.statement.low) / (one.statement.high - one.statement.low)
    assert reach.min() < 0.01
    assert reach.max() > 0.99
    np.testing.assert_allclose(STATED.values(np.zeros(5)), STATED.middle, rtol=1e-12)


def test_nothing_elapses_without_noise() -> None:
    decay, covariance = STATED.transition(0.0)
    np.testing.assert_array_equal(decay, np.ones(5))
    np.testing.assert_array_equal(covariance, np.zeros((5, 5)))


@pytest.mark.parametrize(
    ("fields", "correlation", "why"),
    [
        ([(0.0, 1.0, 1.0, 0.1, 1.0)], [[1.0]], "between its bounds"),
        ([(0.0, 0.5, 1.0, 0.0, 1.0)], [[1.0]], "positive"),
        ([(0.0, 0.5, 1.0, 0.1, 1.0)], [[0.9]], "ones on its diagonal"),
        ([(0.0, 0.5, 1.0, 0.1, 1.0)] * 2, [[1.0, 1.0], [1.0, 1.0]], "definite"),
        ([(0.0, 0.5, 1.0, 0.1, 1.0)] * 7, [[1.0]], "1 to 6"),
    ],
)
def test_a_statement_that_means_nothing_is_refused(
    fields: list[tuple[float, float, float, float, float]],
    correlation: list[list[float]],
    why: str,
) -> None:
    with pytest.raises(ValueError, match=why):
        Statement.of(fields, correlation)
