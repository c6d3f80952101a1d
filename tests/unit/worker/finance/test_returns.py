import numpy as np
import numpy_financial
import pytest
import pyxirr

from worker.finance.exceptions import FlowError, RateError
from worker.finance.internal_rate import irr
from worker.finance.returns import mirr, profitability_index, roi


def test_the_golden_return() -> None:
    assert roi(1e6, [300e3, 350e3, 400e3, 450e3, 500e3]) == 1.0


def test_an_index_above_1_is_a_positive_value() -> None:
    flows = [100e3, 120e3, 140e3, 160e3, 180e3]
    index = profitability_index(500e3, flows, 0.1)
    assert index == pytest.approx(1 + 16314.707763379294 / 500e3, rel=1e-15)


@pytest.mark.parametrize("investment", [0.0, -1.0])
def test_an_investment_is_positive(investment: float) -> None:
    with pytest.raises(FlowError):
        roi(investment, [1.0])
    with pytest.raises(FlowError):
        profitability_index(investment, [1.0], 0.1)


@pytest.mark.parametrize("seed", range(20))
def test_other_libraries_agree_on_the_modified_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flows = [-50.0, *rng.normal(10, 30, 15).tolist(), 40.0]
    finance, reinvestment = rng.uniform(0.01, 0.3, 2).tolist()
    got = mirr(flows, finance, reinvestment)
    expected = numpy_financial.mirr(flows, finance, reinvestment)
    assert got == pytest.approx(expected, abs=1e-9)
    assert got == pytest.approx(pyxirr.mirr(flows, finance, reinvestment), abs=1e-9)


def test_at_the_internal_rate_the_modified_one_is_the_same() -> None:
    flows = [-1000.0, 300.0, 400.0, 500.0]
    rate = irr(flows).rate
    assert rate is not None
    assert mirr(flows, rate, rate) == pytest.approx(rate, abs=1e-14)


@pytest.mark.parametrize("flows", [[1.0, 2.0], [-1.0, 0.0], [5.0]])
def test_without_both_signs_there_is_no_modified_rate(flows: list[float]) -> None:
    assert mirr(flows, 0.1, 0.1) is None


def test_rates_that_leave_the_range_are_refused() -> None:
    flows = [-1.0] + [0.0] * 5000 + [1.0]
    with pytest.raises(RateError, match="too small"):
        mirr(flows, 0.1, 1e6)
    with pytest.raises(RateError):
        mirr(flows, 0.1, -0.999999)
