"""What every calculation promises, asked of each one in the registry."""

from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import worker.calculations
from db.contracts import calculations as package
from db.contracts.calculations import CALCULATIONS
from db.contracts.calculations.calculation import Calculation
from db.contracts.catalogue import catalogue
from worker.calculations.watch import Watch
from worker.handler import load_function

EACH = pytest.mark.parametrize(("name", "calculation"), CALCULATIONS.items())
SHARED = {"__init__", "calculation", "cash_flow", "expression_parameters"}
OF_ADAPTERS = {"__init__", "apart", "cash_flow", "precision_words", "watch"}
Any_ = Calculation[Any, Any]


def goes_on(fraction: float, message: str = "") -> bool:
    return True


def files_of(module: Any) -> set[str]:
    return {path.stem for path in Path(module.__file__).parent.glob("*.py")}


def test_every_file_is_registered_and_has_its_adapter() -> None:
    assert files_of(package) - SHARED == set(CALCULATIONS)
    assert files_of(worker.calculations) - OF_ADAPTERS == set(CALCULATIONS)


def test_no_calculation_has_the_name_of_a_method() -> None:
    # Rows tell both as their method, and are counted by it.
    assert not set(CALCULATIONS) & set(catalogue().methods)


@EACH
def test_it_is_registered_by_its_file(name: str, calculation: Any_) -> None:
    module = import_module(f"db.contracts.calculations.{name}")
    assert getattr(module, name.upper()) is calculation
    assert calculation.name == name
    assert calculation.summary.endswith(".")
    assert calculation.topic in ("precision", "finance")


@EACH
def test_its_adapter_takes_its_parameters_and_gives_its_outcome(
    name: str, calculation: Any_
) -> None:
    assert calculation.function == f"worker.calculations.{name}:calculate"
    taken = signature(load_function(calculation.function), eval_str=True)
    parameters, watch = taken.parameters.values()
    assert parameters.annotation is calculation.parameters
    assert watch.annotation is Watch
    assert taken.return_annotation is calculation.outcome


@EACH
def test_its_example_comes_to_an_outcome_that_survives_the_row(
    name: str, calculation: Any_
) -> None:
    parameters = calculation.parameters.model_validate(calculation.example)
    assert calculation.estimate_s(parameters) > 0
    outcome = load_function(calculation.function)(parameters, goes_on)
    stored = outcome.model_dump_json()
    assert calculation.outcome.model_validate_json(stored) == outcome


@EACH
def test_an_unknown_parameter_is_refused(name: str, calculation: Any_) -> None:
    with pytest.raises(ValidationError, match="surprise"):
        calculation.parameters.model_validate({**calculation.example, "surprise": 1})


@EACH
def test_every_parameter_is_described(name: str, calculation: Any_) -> None:
    schema = calculation.parameters.model_json_schema()
    assert schema["description"]
    assert all(told.get("description") for told in schema["properties"].values())
