"""What is wrong with an expression is said at its field, with the way out."""

from typing import Any

import pytest
from pydantic import ValidationError

from api.findings import describe
from db.contracts.calculations import CALCULATIONS
from db.contracts.calculations.evaluate import EVALUATE, EvaluateParameters

PRECISE = ("evaluate", "tabulate", "convergence")


@pytest.mark.parametrize(
    ("parameters", "pointer", "detail", "suggestion"),
    [
        (
            {"expression": "1 + sine(1)"},
            "#/expression",
            "there is no function sine, at character 5",
            "Did you mean sin?",
        ),
        (
            {"expression": "9**9**9**9"},
            "#/expression",
            "this power is larger than 10**1,000,000,000, at character 1",
            "Work with its logarithm instead.",
        ),
        ({}, "#/expression", "x has no value", "Give it one in variables."),
        (
            {"variables": {"x": "1/0"}},
            "#/variables/x",
            "the value divides by 0",
            "Send another one.",
        ),
        (
            {"expression": "gamma(1/3)", "digits": 50_000},
            "#/digits",
            "gamma is computed to at most 20,000 digits",
            "Ask for at most 20,000 digits.",
        ),
        ({"expression": "1" * 3_000}, "#/expression", "at most 2000", "at most 2000"),
        ({"expression": "1", "digits": 0}, "#/digits", "greater than", "at least 1"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    parameters: dict[str, Any], pointer: str, detail: str, suggestion: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        EvaluateParameters.model_validate(parameters)
    (problem,) = describe(
        refused.value.errors(), content=parameters, model=EvaluateParameters
    )
    assert problem.pointer == pointer
    assert detail in problem.detail
    assert suggestion in (problem.suggestion or "")


@pytest.mark.parametrize("value", [True, None, [1], {"a": 1}])
def test_a_value_is_a_number_or_text(value: object) -> None:
    with pytest.raises(ValidationError):
        EvaluateParameters.model_validate({"variables": {"x": value}})


def test_a_parameter_survives_the_queue() -> None:
    given = EvaluateParameters.model_validate(EVALUATE.example)
    text = given.model_dump_json()
    assert EvaluateParameters.model_validate_json(text) == given
    assert '"0.7"' in text


@pytest.mark.parametrize("name", PRECISE)
def test_more_digits_are_expected_to_take_longer(name: str) -> None:
    calculation = CALCULATIONS[name]
    field = "levels" if name == "convergence" else "digits"
    few, many = (
        calculation.estimate_s(
            calculation.parameters.model_validate({**calculation.example, field: each})
        )
        for each in (5, 200)
    )
    assert 0 < few < many < 1
