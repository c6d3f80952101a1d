from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import numpy_financial
import pytest
import pyxirr

from worker.finance.exceptions import FlowError, RateError
from worker.finance.present_value import npv, xnpv

START = date(2024, 2, 28)


def test_the_golden_value() -> None:
    value = npv([-500e3, 100e3, 120e3, 140e3, 160e3, 180e3], 0.1)
    assert round(value.value, 2) == 16314.71


@pytest.mark.parametrize("seed", range(20))
def test_the_value_is_the_double_nearest_to_the_fraction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flows = (rng.normal(size=12) * 10.0 ** rng.integers(-3, 9, 12)).tolist()
    rate = float(rng.uniform(-0.5, 2))
    exact = sum(Fraction(c) / (1 + Fraction(rate)) ** t for t, c in enumerate(flows))
    got = npv(flows, rate)
    assert got.value == float(exact)
    assert abs(Fraction(got.value) - exact) <= Fraction(got.error_bound)


@pytest.mark.parametrize("seed", range(20))
def test_other_libraries_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flows = rng.normal(0, 1e4, 40).tolist()
    rate = float(rng.uniform(0.001, 0.5))
    dates = [START + timedelta(int(day)) for day in rng.integers(0, 4000, 40)]
    assert npv(flows, rate).value == pytest.approx(
        numpy_financial.npv(rate, flows), rel=1e-9, abs=1e-8
    )
    assert xnpv(dates, flows, rate).value == pytest.approx(
        pyxirr.xnpv(rate, dates, flows), rel=1e-9, abs=1e-8
    )


def test_cancellation_costs_no_digit() -> None:
    assert npv([1e20, 1.0, -1e20], 0.0).value == 1.0


def test_a_sum_of_exactly_0_is_0() -> None:
    got = npv([-2.0, 4.0], 1.0)
    assert (got.value, got.error_bound) == (0.0, 0.0)


def test_the_earliest_date_is_time_0_in_any_order() -> None:
    days = [START + timedelta(365), START]
    assert xnpv(days, [110.0, -100.0], 0.1).value == pytest.approx(0, abs=1e-13)


def test_amounts_of_one_day_add_up() -> None:
    assert xnpv([START, START, START], [3.0, 4.0, -5.0], 0.7).value == 2.0


@pytest.mark.parametrize("rate", [-1.0, -2.0, float("nan"), float("inf")])
def test_a_rate_without_discount_factor_is_refused(rate: float) -> None:
    with pytest.raises(RateError) as refused:
        npv([1.0], rate)
    assert refused.value.path == ("discount_rate",)


def test_what_no_double_holds_is_refused() -> None:
    with pytest.raises(RateError, match="larger than"):
        npv([1.0] * 10_000, -0.99)


@pytest.mark.parametrize("flows", [[], [1.0] * 10_002, [1.0, float("nan")]])
def test_flows_that_cannot_be_read_are_refused(flows: list[float]) -> None:
    with pytest.raises(FlowError):
        npv(flows, 0.1)


def test_dates_must_match_amounts() -> None:
    with pytest.raises(FlowError, match="2 dates, but 1"):
        xnpv([START, START], [1.0], 0.1)


def test_dates_lie_within_two_centuries() -> None:
    with pytest.raises(FlowError, match="days apart"):
        xnpv([date(1, 1, 1), date(9999, 1, 1)], [1.0, 1.0], 0.1)
