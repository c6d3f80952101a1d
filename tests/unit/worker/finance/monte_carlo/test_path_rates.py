import numpy as np
import pytest

from worker.finance.internal_rate import irr
from worker.finance.monte_carlo.path_rates import path_rates


def test_each_rate_is_the_certified_one() -> None:
    rng = np.random.default_rng(4)
    flows = [-rng.uniform(10, 500, 200), *rng.uniform(1, 90, (6, 200))]
    rates, without, several = path_rates(flows, 200)
    assert (without, several) == (0, 0)
    expected = [irr([float(f[k]) for f in flows]).rate for k in range(200)]
    assert rates == pytest.approx(expected, abs=1e-12)


def test_extreme_rates_are_found() -> None:
    flows = [np.array([-1.0, -1e9, -100.0]), 0.0, np.array([1e9, 1.0, 100.0])]
    rates, _, _ = path_rates(flows, 3)
    expected = [1e9**0.5 - 1, 1e-9**0.5 - 1, 0.0]
    assert rates == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_paths_without_or_with_several_are_counted() -> None:
    flows = [-100.0, np.array([230.0, -1.0, 120.0]), np.array([-132.0, -1.0, 0.0])]
    rates, without, several = path_rates(flows, 3)
    assert rates == pytest.approx([0.2])
    assert (without, several) == (1, 1)
