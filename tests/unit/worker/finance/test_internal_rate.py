from datetime import date, timedelta

import numpy as np
import numpy_financial
import pytest
import pyxirr

from worker.finance.exceptions import RateError
from worker.finance.internal_rate import InternalRates, irr, xirr

START = date(2024, 2, 28)


def flow_with_rates(*rates: float) -> list[float]:
    """Return a flow whose internal rates these are."""
    flow = np.array([-1.0])
    for rate in rates:
        # In x = 1/(1 + r) each factor is x(1 + r) - 1.
        flow = np.convolve(flow, [-1.0, 1 + rate])
    return [float(amount) for amount in flow]


def rates_of(found: InternalRates) -> list[float]:
    return [root.rate for root in found.roots]


def test_the_golden_rate() -> None:
    found = irr([-500, 100, 200, 300])
    assert found.rate is not None
    assert round(found.rate, 4) == 0.0821
    assert found.is_unique


def test_both_rates_of_two_are_found() -> None:
    found = irr([-100, 230, -132])
    assert rates_of(found) == [0.1, 0.2]
    assert found.is_complete
    assert not found.is_unique


@pytest.mark.parametrize(("guess", "told"), [(0.1, 0.1), (0.15, 0.1), (0.19, 0.2)])
def test_of_several_the_nearest_to_the_guess_is_told(guess: float, told: float) -> None:
    found = irr([-100, 230, -132], guess)
    assert found.rate == told
    assert "nearest" in found.reason


def test_rates_on_both_sides_of_0_are_found() -> None:
    rates = [-0.9, -0.5, 0.0, 0.25, 1.0, 9.0]
    found = irr(flow_with_rates(*rates))
    assert rates_of(found) == pytest.approx(rates, abs=1e-9)


def test_a_double_root_is_told_as_such() -> None:
    found = irr([-16, 40, -25])
    assert [(root.rate, root.multiplicity) for root in found.roots] == [(0.25, 2)]


def test_multiple_and_simple_roots_together() -> None:
    # (x - 1)^3 (2x - 1)^2 (x + 3), times whole numbers: exact in doubles.
    flow = np.array([1.0])
    for factor in [[-1, 1]] * 3 + [[-1, 2]] * 2 + [[3, 1]]:
        flow = np.convolve(flow, factor)
    found = irr(flow.tolist())
    assert [(root.rate, root.multiplicity) for root in found.roots] == [(0, 3), (1, 2)]


def test_roots_closer_than_other_libraries_can_see_are_apart() -> None:
    # 1/x = 1.5 and 1.5 + 2**-20, whose products are exact in doubles.
    close = 2.0**-20
    found = irr(flow_with_rates(0.5, 0.5 + close))
    assert rates_of(found) == [0.5, 0.5 + close]


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([0, 0, 0], "every rate"),
        ([5], "one sign"),
        ([100, 200], "one sign"),
        ([100, -100, 100], "no real rate"),
    ],
)
def test_no_rate_has_a_reason(flows: list[float], reason: str) -> None:
    found = irr(flows)
    assert (found.rate, found.roots) == (None, ())
    assert reason in found.reason


def test_zeros_before_and_after_change_nothing() -> None:
    assert irr([0, 0, -100, 230, -132, 0]) == irr([-100, 230, -132])


def test_norstrom_and_descartes_are_told() -> None:
    # Three changes of sign, yet one positive rate: the running total changes once.
    found = irr([-100, 60, -10, 80])
    assert found.sign_changes == 3
    assert found.is_norstrom
    assert sum(root.rate > 0 for root in found.roots) == 1
    assert not irr([-100, 230, -132]).is_norstrom


@pytest.mark.parametrize("seed", range(60))
def test_every_root_is_one_and_none_is_missing(seed: int) -> None:
    """All eigenvalues of the companion matrix are an independent oracle."""
    rng = np.random.default_rng(seed)
    flows = rng.normal(size=int(rng.integers(2, 12))).tolist()
    found = irr(flows)
    factors = np.polynomial.polynomial.polyroots(flows)
    real = factors[(abs(factors.imag) < 1e-9) & (factors.real > 1e-9)].real
    assert found.is_complete
    assert rates_of(found) == pytest.approx(sorted(1 / real - 1), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_other_libraries_agree_where_there_is_one_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gains = rng.uniform(1, 100, int(rng.integers(2, 30)))
    flows = [-float(gains.sum() * rng.uniform(0.5, 0.95)), *gains.tolist()]
    days = np.sort(rng.choice(3000, len(flows), replace=False))
    dates = [START + timedelta(int(day)) for day in days]
    periodic, dated = irr(flows), xirr(dates, flows)
    assert periodic.is_unique
    assert dated.is_unique
    assert periodic.rate == pytest.approx(numpy_financial.irr(flows), abs=1e-9)
    assert periodic.rate == pytest.approx(pyxirr.irr(flows), abs=1e-9)
    assert dated.rate == pytest.approx(pyxirr.xirr(dates, flows), rel=1e-9, abs=1e-9)


def test_dated_flows_have_all_their_rates_too() -> None:
    days = [START, START + timedelta(365), START + timedelta(730)]
    found = xirr(days, [-100, 230, -132])
    assert rates_of(found) == pytest.approx([0.1, 0.2], abs=1e-15)


def test_order_and_equal_dates_do_not_matter() -> None:
    days = [START + timedelta(day) for day in (400, 0, 0, 900)]
    sorted_days = [START + timedelta(day) for day in (0, 400, 900)]
    assert xirr(days, [60, -50, -50, 70]) == xirr(sorted_days, [-100, 60, 70])


def test_a_rate_beyond_doubles_is_counted_and_not_told() -> None:
    found = xirr([START, START + timedelta(1)], [-1.0, 1e10])
    assert (found.rate, found.roots, found.out_of_range) == (None, (), 1)
    assert "1e308" in found.reason


def test_wide_scales_are_exact() -> None:
    found = irr([-1e-300, 2e-300])
    assert found.rate == 1.0
    assert irr([-1e30, 1e-30]).out_of_range == 1


def test_a_guess_at_or_below_minus_1_is_refused() -> None:
    with pytest.raises(RateError) as refused:
        irr([-1, 2], -1.0)
    assert refused.value.path == ("guess",)
