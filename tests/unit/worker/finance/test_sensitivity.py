import pytest

from worker.finance.internal_rate import irr
from worker.finance.present_value import npv
from worker.finance.sensitivity import breakeven, swing

FLOWS = [-500e3, 100e3, 120e3, 140e3, 160e3, 180e3]


def test_a_linear_driver_breaks_even_where_it_should() -> None:
    assert breakeven(lambda x: 3 * x - 6, 1.0, (-10, 10), 0.0) == pytest.approx(2)
    assert breakeven(lambda x: 3 * x - 6, 1.0, (-10, 1.5), 0.0) is None


def test_the_rate_at_which_a_value_breaks_even_is_the_irr() -> None:
    rate = breakeven(lambda r: npv(FLOWS, r).value, 0.1, (-0.999, 1e6), 0.0)
    assert rate == pytest.approx(irr(FLOWS).rate, abs=1e-12)


def test_the_nearest_of_two_is_told() -> None:
    assert breakeven(lambda x: (x - 1) * (x - 9), 7.0, (-50, 50), 0) == pytest.approx(9)
    assert breakeven(lambda x: (x - 1) * (x - 9), 3.0, (-50, 50), 0) == pytest.approx(1)


def test_a_target_that_is_met_at_once_or_at_a_step_is_exact() -> None:
    assert breakeven(lambda x: x - 3, 3.0, (-10, 10), 0.0) == 3.0
    assert breakeven(lambda x: x - 10, 3.0, (-10, 10), 0.0) == 10.0


def test_a_gap_on_one_side_leaves_the_other() -> None:
    def measure(x: float) -> float | None:
        return None if x < 0 else x - 2

    assert breakeven(measure, 1.0, (-10, 10), 0.0) == pytest.approx(2.0)
    assert breakeven(lambda x: None if x > 1.5 else x - 2, 1.0, (0, 9), 0.0) is None


def test_without_a_base_value_there_is_no_elasticity() -> None:
    found = swing(lambda x: x, base=0.0, low=-1, high=1, bounds=(-2, 2), target=5.0)
    assert (found.swing, found.elasticity, found.breakeven) == (2, None, None)


def test_a_measure_without_value_has_no_breakeven() -> None:
    assert breakeven(lambda _: None, 1.0, (-10, 10), 0.0) is None


def test_the_elasticity_of_a_product_is_one() -> None:
    found = swing(
        lambda x: 5 * x, base=2.0, low=1.0, high=3.0, bounds=(-10, 10), target=0.0
    )
    assert (found.at_low, found.at_high, found.swing) == (5, 15, 10)
    assert found.elasticity == pytest.approx(1.0)
    assert found.breakeven == pytest.approx(0, abs=1e-12)
