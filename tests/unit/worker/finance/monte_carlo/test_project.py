import numpy as np
import pytest

from worker.finance.exceptions import RateError
from worker.finance.monte_carlo.project import DriverProject, present_values
from worker.finance.present_value import npv


def test_values_are_those_of_each_path_alone() -> None:
    rng = np.random.default_rng(1)
    flows = [-100.0, rng.normal(30, 5, 50), 20.0, rng.normal(60, 5, 50)]
    rates = rng.uniform(-0.2, 0.5, 50)
    expected = [
        npv([float(np.broadcast_to(f, 50)[k]) for f in flows], float(rates[k])).value
        for k in range(50)
    ]
    assert present_values(flows, rates) == pytest.approx(expected, rel=1e-12)


def test_drivers_make_the_flow_that_the_formula_says() -> None:
    project = DriverProject(3, 1000.0, 100.0, 9.0, 4.0, 50.0, 0.1, 0.25, 200.0, 0.08)
    flows = project.flows({k: float(v) for k, v in project.quantities.items()})
    expected = [-1000.0] + [(500 * 1.1**t - 50) * 0.75 for t in range(3)]
    expected[-1] += 200
    assert flows == pytest.approx(expected)


@pytest.mark.parametrize("rate", [-1.0, -1.5])
def test_a_drawn_rate_stays_above_minus_1(rate: float) -> None:
    with pytest.raises(RateError, match="-1 or below"):
        present_values([1.0, 1.0], np.array([0.1, rate]))


def test_what_leaves_the_range_is_refused_without_a_warning() -> None:
    with pytest.raises(RateError, match="larger than"):
        present_values([1e30] * 300, np.array([-0.999999]))
