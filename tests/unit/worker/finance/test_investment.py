import pytest

from worker.finance.exceptions import RateError
from worker.finance.investment import Risk, ownership, productivity


def test_the_golden_cost_of_ownership_to_the_last_digit() -> None:
    cost = ownership(1e6, [50e3, 55e3, 60e3, 65e3, 70e3], 5, 0.1)
    assert cost.total == 1792466.361587323


def test_without_running_costs_there_is_maintenance() -> None:
    cost = ownership(100.0, [], 2, 0.0)
    assert (cost.initial, cost.operating, cost.maintenance) == (100, 0, 30)
    assert cost.total == 130


def test_a_rate_that_leaves_the_range_is_refused() -> None:
    with pytest.raises(RateError):
        ownership(1.0, [], 9000, -0.99)
    with pytest.raises(RateError):
        ownership(1.0, [], 1, -1.0)


def test_the_golden_ratio_of_sharpe() -> None:
    risk = Risk(0.2575, 0.10)
    assert round(risk.sharpe_ratio, 2) == 2.27
    assert risk.is_acceptable
    assert not Risk(0.12, 0.10).is_acceptable


def test_productivity_is_people_times_salary_times_gain() -> None:
    worth = productivity(50, 60e3, 12.0, years=2, rate=0.0)
    assert (worth.annual, worth.total, worth.present) == (360e3, 720e3, 720e3)
