"""Refusals: where, what, and what to do about it."""

from datetime import date
from typing import Any

import orjson
import pytest
from pydantic import BaseModel

from api.body import parse
from db.contracts.calculations import CALCULATIONS
from db.contracts.calculations.calculation import Calculation
from db.contracts.calculations.npv import NpvParameters
from db.contracts.calculations.xirr import XirrParameters
from db.contracts.errors import InvalidInputError


def refusal(model: type[BaseModel], content: Any) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        parse(model, orjson.dumps(content))
    problem = refused.value.problems[0]
    assert problem.suggestion
    return problem.pointer, problem.suggestion


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ({"cash_flows": []}, "#/cash_flows"),
        ({"cash_flows": [1.0] * 10_001}, "#/cash_flows"),
        ({"cash_flows": [1, 1e31]}, "#/cash_flows/1"),
        ({"cash_flows": [1, "2"]}, "#/cash_flows/1"),
        ({"cash_flows": [True]}, "#/cash_flows/0"),
        ({"cash_flows": [None]}, "#/cash_flows/0"),
        ({"cash_flows": [1], "discount_rate": -1}, "#/discount_rate"),
        ({"cash_flows": [1], "initial_investment": -5}, "#/initial_investment"),
        ({"cash_flows": [1], "discont_rate": 0.1}, "#/discont_rate"),
        ({}, "#/cash_flows"),
    ],
)
def test_flows_that_have_no_value_are_refused(content: Any, pointer: str) -> None:
    assert refusal(NpvParameters, content)[0] == pointer


@pytest.mark.parametrize(
    "day", ["2026-02-30", "31.01.2026", "20260131", 86400, None, "\uff12026-01-01"]
)
def test_what_is_no_day_is_refused_with_an_example(day: Any) -> None:
    content = {"dates": ["2026-01-01", day], "cash_flows": [-1, 2]}
    pointer, suggestion = refusal(XirrParameters, content)
    assert pointer == "#/dates/1"
    assert "2026-01-31" in suggestion


def test_a_date_for_each_flow() -> None:
    pointer, _ = refusal(
        XirrParameters, {"dates": ["2026-01-01"], "cash_flows": [1, 2]}
    )
    assert pointer == "#/dates"


def test_days_survive_the_queue() -> None:
    content = {"dates": ["2026-01-01", "2025-01-01"], "cash_flows": [1, -1]}
    parameters = parse(XirrParameters, orjson.dumps(content))
    assert parameters.dates == [date(2026, 1, 1), date(2025, 1, 1)]
    stored = parameters.model_dump(mode="json")
    assert XirrParameters.model_validate(stored) == parameters


FINANCE = [each for each in CALCULATIONS.values() if each.topic == "finance"]


@pytest.mark.parametrize("calculation", FINANCE, ids=lambda each: each.name)
def test_every_parameter_says_what_it_is(calculation: Calculation[Any, Any]) -> None:
    fields = calculation.parameters.model_fields
    assert [name for name, field in fields.items() if not field.description] == []
