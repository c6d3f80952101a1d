import pytest

from worker.finance.scenarios import expectation


def test_a_fair_bet() -> None:
    found = expectation([-50.0, 100.0, 0.0], [0.5, 0.25, 0.25])
    assert found.mean == 0.0
    assert found.standard_deviation == pytest.approx((1250 + 2500) ** 0.5)
    assert found.probability_below_0 == 0.5
