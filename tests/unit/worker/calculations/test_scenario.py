from typing import Any

import orjson
import pytest

from api.body import parse
from db.contracts.calculations.scenario import SCENARIO, ScenarioParameters
from db.contracts.errors import InvalidInputError
from worker.calculations.scenario import calculate


def test_scenarios_come_to_an_expectation() -> None:
    parameters = ScenarioParameters.model_validate(SCENARIO.example)
    outcome = calculate(parameters, lambda _, message="": True)
    planned, slow, dear = (each.value for each in outcome.scenarios)
    assert planned == outcome.base_value == pytest.approx(16314.7077633793)
    assert slow == pytest.approx(16314.7077633793 - 60000 / 1.1 - 40000 / 1.21)
    assert outcome.expected_value == pytest.approx(
        0.5 * planned + 0.3 * slow + 0.2 * dear
    )
    assert outcome.probability_below_0 == pytest.approx(0.5)
    assert (outcome.worst, outcome.best) == ("slow start", "as planned")


def test_without_probabilities_there_is_no_expectation() -> None:
    content = {**SCENARIO.example, "scenarios": [{"name": "a"}, {"name": "b"}]}
    parameters = parse(ScenarioParameters, orjson.dumps(content))
    outcome = calculate(parameters, lambda _, message="": True)
    assert outcome.expected_value is None
    assert [each.difference for each in outcome.scenarios] == [0, 0]


@pytest.mark.parametrize(
    ("scenarios", "pointer"),
    [
        ([], "#/scenarios"),
        ([{"name": "a"}, {"name": "a"}], "#/scenarios/1/name"),
        ([{"name": "a", "probability": 0.5}], "#/scenarios"),
        ([{"name": "a", "probability": 0.5}, {"name": "b"}], "#/scenarios"),
        (
            [{"name": "a", "overrides": {"discount_rate": -3}}],
            "#/scenarios/0/overrides/discount_rate",
        ),
        ([{"name": "a", "overrides": {"rate": 1}}], "#/scenarios/0/overrides/rate"),
        (
            [{"name": "a", "overrides": {"cash_flows": "many"}}],
            "#/scenarios/0/overrides/cash_flows",
        ),
    ],
)
def test_a_scenario_that_does_not_fit_is_refused(scenarios: Any, pointer: str) -> None:
    content = {**SCENARIO.example, "scenarios": scenarios}
    with pytest.raises(InvalidInputError) as refused:
        parse(ScenarioParameters, orjson.dumps(content))
    assert refused.value.problems[0].pointer == pointer
    assert refused.value.problems[0].suggestion


def test_told_to_stop_it_shows_what_it_has() -> None:
    parameters = ScenarioParameters.model_validate(SCENARIO.example)
    outcome = calculate(parameters, lambda fraction, message="": fraction < 0.5)
    assert [each.name for each in outcome.scenarios] == ["as planned", "slow start"]
    assert not outcome.is_complete
