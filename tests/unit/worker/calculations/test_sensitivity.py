from typing import Any

import orjson
import pytest
import pyxirr

from api.body import parse
from db.contracts.calculations.sensitivity import (
    SENSITIVITY,
    SensitivityOutcome,
    SensitivityParameters,
)
from db.contracts.errors import InvalidInputError
from worker.calculations.sensitivity import calculate

BASE = SENSITIVITY.example["base"]


def ask(
    drivers: list[dict[str, Any]], base: Any = BASE, **more: Any
) -> SensitivityOutcome:
    content = orjson.dumps({"base": base, "drivers": drivers, **more})
    return calculate(parse(SensitivityParameters, content), lambda _, message="": True)


def test_the_widest_bar_comes_first() -> None:
    outcome = ask(list(SENSITIVITY.example["drivers"]))
    swings = [bar.swing for bar in outcome.bars]
    assert swings == sorted(swings, reverse=True)
    assert outcome.base_value == pytest.approx(16314.7077633793)


def test_each_driver_breaks_even_where_the_value_is_0() -> None:
    by_name = {
        (bar.name, bar.index): bar
        for bar in ask(list(SENSITIVITY.example["drivers"])).bars
    }
    gross = 516314.70776337927
    assert by_name["initial_investment", None].breakeven == pytest.approx(gross)
    assert by_name["cash_flows", None].breakeven == pytest.approx(500000 / gross)
    last = 180000 - 16314.707763379294 * 1.1**5
    assert by_name["cash_flows", 4].breakeven == pytest.approx(last)
    rate = pyxirr.irr([-500e3, 100e3, 120e3, 140e3, 160e3, 180e3])
    assert by_name["discount_rate", None].breakeven == pytest.approx(rate)


@pytest.mark.parametrize("name", ["irr", "profitability_index", "comprehensive_roi"])
def test_other_results_have_tornados_too(name: str) -> None:
    parameters: dict[str, Any] = {"initial_investment": 100.0}
    flows = "annual_cash_flows" if name == "comprehensive_roi" else "cash_flows"
    parameters[flows] = [60.0, 70.0]
    base = {"calculation": name, "parameters": parameters}
    (bar,) = ask([{"name": "initial_investment"}], base).bars
    assert bar.at_low is not None
    assert bar.at_high is not None
    assert bar.at_low > bar.at_high
    assert bar.breakeven is not None


@pytest.mark.parametrize(
    ("driver", "pointer"),
    [
        ({"name": "rate"}, "#/drivers/0/name"),
        ({"name": "cash_flows", "index": 9}, "#/drivers/0/index"),
        ({"name": "discount_rate", "index": 0}, "#/drivers/0/index"),
        ({"name": "discount_rate", "low": 0.1}, "#/drivers/0"),
        ({"name": "discount_rate", "low": 0.2, "high": 0.1}, "#/drivers/0"),
        ({"name": "discount_rate", "low": -2, "high": 0.1}, "#/drivers/0"),
        ({"name": "discount_rate", "swing": 0}, "#/drivers/0/swing"),
        (
            {"name": "discount_rate", "low": 0, "high": 1, "swing": 0.1},
            "#/drivers/0",
        ),
    ],
)
def test_a_driver_that_does_not_fit_is_refused(driver: Any, pointer: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        ask([driver])
    assert refused.value.problems[0].pointer == pointer
    assert refused.value.problems[0].suggestion


def test_told_to_stop_it_shows_what_it_has() -> None:
    parameters = SensitivityParameters.model_validate(SENSITIVITY.example)
    outcome = calculate(parameters, lambda fraction, message="": fraction < 0.5)
    assert len(outcome.bars) == 2
    assert not outcome.is_complete
