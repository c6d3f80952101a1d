"""A table has points, said in one of two ways, and not too many digits in all."""

from typing import Any

import pytest
from pydantic import ValidationError

from api.findings import describe
from db.contracts.calculations.tabulate import TabulateParameters

RANGE = {"start": 0, "stop": "1", "count": 10_000}


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({}, "#"),
        ({"values": [1], "range": RANGE}, "#/values"),
        ({"range": RANGE, "digits": 1_000}, "#/digits"),
        ({"range": {**RANGE, "count": 10_001}}, "#/range/count"),
        ({"range": {**RANGE, "start": "a"}}, "#/range/start"),
        ({"values": [1, "2", "x"]}, "#/values/2"),
        ({"values": [1], "expression": "y"}, "#/expression"),
        ({"values": [1], "variable": "pi"}, "#/expression"),
        ({"range": RANGE, "expression": "polylog(3, x)", "digits": 400}, "#/digits"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    parameters: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        TabulateParameters.model_validate(parameters)
    (problem,) = describe(refused.value.errors(), content=parameters)
    assert problem.pointer.startswith(pointer)
    assert problem.suggestion


def test_points_are_counted() -> None:
    assert TabulateParameters.model_validate({"range": RANGE}).count == 10_000
    assert TabulateParameters.model_validate({"values": [1, "0.5"]}).count == 2
