import pytest

from worker.finance.exceptions import RateError
from worker.finance.payback import payback


def test_it_lies_within_the_year_that_covers_the_rest() -> None:
    found = payback([-1000, 300, 350, 400, 450, 500])
    assert found.time == 2.875
    assert found.is_final
    assert found.totals == (-1000, -700, -350, 50, 500, 1000)


def test_discounted_it_takes_longer() -> None:
    flows = [-1000, 300, 350, 400, 450, 500]
    time = payback(flows, 0.1).time
    # By hand: 272.7272, 289.2562, 300.5259 leave 137.4906, of the next 307.3561.
    assert time == pytest.approx(3 + 137.490608564988 / 307.356054913599, abs=1e-9)


def test_what_never_comes_back_has_none() -> None:
    found = payback([-100, 30, 30])
    assert (found.time, found.is_final) == (None, False)


def test_nothing_owed_is_paid_back_at_once() -> None:
    assert payback([0, 5]).time == 0.0


def test_a_later_loss_is_told() -> None:
    found = payback([-100, 120, -50])
    assert found.time == pytest.approx(100 / 120)
    assert not found.is_final


def test_decimals_that_sum_to_0_count_as_0() -> None:
    assert payback([-0.7, 0.1, 0.6]).time == 2.0
    assert payback([-100.0, 55.0, 60.5], 0.1).time == 2.0


def test_totals_beyond_doubles_are_refused() -> None:
    with pytest.raises(RateError) as refused:
        payback([-1.0] * 5000, -0.99)
    assert refused.value.path == ("discount_rate",)
