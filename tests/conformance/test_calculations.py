"""What every type of calculation promises, asked of each one in the registry."""

from importlib import import_module
from pathlib import Path

import orjson
import pytest
from fastapi import FastAPI

from api import calculations as package
from api.calculations import CALCULATIONS
from api.calculations.calculation import Calculation
from api.guard.families import FAMILIES
from api.main import create_app
from db.contracts.calculations import CALCULATIONS as CONTRACTS
from db.contracts.caller import Caller
from db.contracts.errors import InvalidInputError
from db.contracts.settings import Settings

EACH = pytest.mark.parametrize(("name", "calculation"), CALCULATIONS.items())
CALLER = Caller(name="")


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(Settings(home=tmp_path))


def test_every_file_is_registered() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert files - {"__init__", "calculation", "offered"} == set(CALCULATIONS) - set(
        CONTRACTS
    )


@EACH
def test_a_type_is_registered_by_its_file(name: str, calculation: Calculation) -> None:
    if name not in CONTRACTS:
        module = import_module(f"api.calculations.{name}")
        assert getattr(module, name.upper()) is calculation
    assert calculation.summary.endswith(".")


@EACH
def test_it_takes_from_the_bucket_of_its_route(
    name: str, calculation: Calculation, app: FastAPI
) -> None:
    routes = {getattr(route, "path", "") for route in app.state.routes}
    path = calculation.path.replace(f"/calculations/{name}", "/calculations/{name}")
    assert path in routes
    family = next(f for f in FAMILIES.values() if f.takes("POST", calculation.path))
    assert family.name in ("submit", "calculate")


@EACH
def test_its_example_means_a_job(
    name: str, calculation: Calculation, app: FastAPI
) -> None:
    state = app.state.solvequeue
    proposal = calculation.resolve(state, orjson.dumps(calculation.example), CALLER)
    assert proposal.kind.name
    with pytest.raises(InvalidInputError):
        calculation.resolve(state, b'{"shout": 1}', CALLER)
    state.close()
