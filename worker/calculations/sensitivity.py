"""The tornado, in the words of its contract."""

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import Any

from db.contracts.calculations.sensitivity import (
    AnyCase,
    Bar,
    Driver,
    ProfitabilityIndexCase,
    SensitivityOutcome,
    SensitivityParameters,
)
from db.contracts.errors import InvalidInputError
from worker.calculations.cash_flow import in_words_of, with_investment
from worker.calculations.watch import StoppedError, Watch
from worker.finance.internal_rate import irr
from worker.finance.present_value import npv
from worker.finance.returns import profitability_index
from worker.finance.sensitivity import swing

RATE_BOUNDS = (-0.999999, 1e6)
AMOUNT_BOUNDS = (-1e30, 1e30)
COST_BOUNDS = (1e-9, 1e30)
FACTOR_BOUNDS = (-1e6, 1e6)


def calculate(parameters: SensitivityParameters, watch: Watch) -> SensitivityOutcome:
    """Vary one driver after the other."""
    case, target = parameters.base, parameters.target
    if target is None:
        target = 1.0 if isinstance(case, ProfitabilityIndexCase) else 0.0
    values = case.parameters.model_dump()
    bars: list[Bar] = []
    for driver in parameters.drivers:
        fraction = len(bars) / len(parameters.drivers)
        try:
            bars.append(_bar(case, values, driver, target, partial(watch, fraction)))
        except StoppedError:
            break
    return SensitivityOutcome(
        base_value=evaluate(case, values),
        target=target,
        bars=sorted(
            bars, key=lambda bar: inf if bar.swing is None else bar.swing, reverse=True
        ),
        is_complete=len(bars) == len(parameters.drivers),
    )


def evaluate(case: AnyCase, values: Mapping[str, Any]) -> float | None:
    """Return what the case comes to with these values, which fit."""
    with in_words_of():
        return _MEASURES[case.calculation](values)


def _npv(values: Mapping[str, Any]) -> float:
    flows = with_investment(values["initial_investment"], values["cash_flows"])
    return npv(flows, values["discount_rate"]).value


def _irr(values: Mapping[str, Any]) -> float | None:
    flows = with_investment(values["initial_investment"], values["cash_flows"])
    return irr(flows, values["guess"]).rate


def _index(values: Mapping[str, Any]) -> float:
    return profitability_index(
        values["initial_investment"], values["cash_flows"], values["discount_rate"]
    )


def _npv_of_investment(values: Mapping[str, Any]) -> float:
    return _npv({**values, "cash_flows": values["annual_cash_flows"]})


_MEASURES: dict[str, Callable[[Mapping[str, Any]], float | None]] = {
    "npv": _npv,
    "irr": _irr,
    "profitability_index": _index,
    "comprehensive_roi": _npv_of_investment,
}


def _bar(
    case: AnyCase,
    values: Mapping[str, Any],
    driver: Driver,
    target: float,
    goes_on: Callable[[], bool],
) -> Bar:
    low, high = driver.ends(values)
    base = driver.base(values)

    def measure(value: float) -> float | None:
        if not goes_on():
            raise StoppedError
        try:
            return evaluate(case, {**values, **driver.applied(values, value)})
        except InvalidInputError:
            if value in (base, low, high):
                raise
            # Too far out for a double: where a breakeven is looked for, no more.
            return None

    found = swing(
        measure,
        base=base,
        low=low,
        high=high,
        bounds=_bounds(driver, values),
        target=target,
    )
    return Bar(
        name=driver.name,
        index=driver.index,
        base=base,
        low=low,
        high=high,
        at_low=found.at_low,
        at_high=found.at_high,
        swing=found.swing,
        elasticity=found.elasticity,
        breakeven=found.breakeven,
    )


def _bounds(driver: Driver, values: Mapping[str, Any]) -> tuple[float, float]:
    if isinstance(values[driver.name], list):
        return FACTOR_BOUNDS if driver.index is None else AMOUNT_BOUNDS
    is_rate = driver.name in ("discount_rate", "guess")
    return RATE_BOUNDS if is_rate else COST_BOUNDS
