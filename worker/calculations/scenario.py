"""Scenarios, in the words of their contract."""

from db.contracts.calculations.scenario import (
    ScenarioOutcome,
    ScenarioParameters,
    ScenarioValue,
)
from worker.calculations.sensitivity import evaluate
from worker.calculations.watch import Watch
from worker.finance.scenarios import Expectation, expectation


def calculate(parameters: ScenarioParameters, watch: Watch) -> ScenarioOutcome:
    """Calculate the case as it is, and in each scenario."""
    case, values = parameters.base, parameters.base.parameters.model_dump()
    base = evaluate(case, values)
    told: list[ScenarioValue] = []
    for scenario in parameters.scenarios:
        if not watch(len(told) / len(parameters.scenarios)):
            break
        value = evaluate(case, {**values, **scenario.overrides})
        told.append(
            ScenarioValue(
                name=scenario.name,
                value=value,
                difference=None if value is None or base is None else value - base,
                probability=scenario.probability,
            )
        )
    known = [(each.value, each.name) for each in told if each.value is not None]
    is_complete = len(told) == len(parameters.scenarios)
    together = _together(told) if is_complete else None
    return ScenarioOutcome(
        base_value=base,
        scenarios=told,
        expected_value=together.mean if together else None,
        standard_deviation=together.standard_deviation if together else None,
        probability_below_0=together.probability_below_0 if together else None,
        worst=min(known)[1] if known else None,
        best=max(known)[1] if known else None,
        is_complete=is_complete,
    )


def _together(told: list[ScenarioValue]) -> Expectation | None:
    values = [each.value for each in told if each.value is not None]
    shares = [each.probability for each in told if each.probability is not None]
    if len(values) < len(told) or len(shares) < len(told):
        return None
    return expectation(values, shares)
