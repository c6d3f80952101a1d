"""/v1/calculations: what can be calculated, and asking for it."""

from functools import cache, partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.calculating import find_calculation, resolve_calculation
from api.openapi import submission_of
from api.schemas.calculation import (
    CalculationPage,
    CalculationSubmission,
    CalculationView,
)
from api.schemas.job import JobView
from api.submission import SubmittingDep
from db.contracts.calculations import CALCULATIONS
from db.contracts.calculations.calculation import Calculation

router = APIRouter(prefix="/v1/calculations", tags=["calculations"])

Name = Annotated[str, Path(max_length=64, pattern=r"^\w+$", examples=["npv"])]


@router.get("")
def list_calculations() -> CalculationPage:
    """List what can be calculated, with the JSON Schema of each."""
    return CalculationPage(items=[_view(each) for each in CALCULATIONS.values()])


@router.get("/{name}")
def get_calculation(name: Name) -> CalculationView:
    """Return one calculation: its parameters, its outcome, an example."""
    return _view(find_calculation(name))


@router.post(
    "/{name}",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobView,
    openapi_extra=submission_of(CalculationSubmission),
    responses={HTTPStatus.CREATED: {"model": JobView, "description": "It has ended."}},
)
async def calculate(submitting: SubmittingDep, name: Name) -> Response:
    """Ask for a calculation. With ``Prefer: wait=N`` answer when it ends, if soon."""
    find_calculation(name)
    return await submitting.answer(
        CalculationSubmission, partial(resolve_calculation, name), lambda view: view
    )


def _view(calculation: Calculation[Any, Any]) -> CalculationView:
    return CalculationView(
        name=calculation.name,
        version=calculation.version,
        topic=calculation.topic,
        summary=calculation.summary,
        example=dict(calculation.example),
        submit=f"/v1/calculations/{calculation.name}",
        **_schemas(calculation.name),
    )


@cache
def _schemas(name: str) -> dict[str, Any]:
    calculation = CALCULATIONS[name]
    return {
        "parameters": calculation.parameters.model_json_schema(mode="validation"),
        "outcome": calculation.outcome.model_json_schema(mode="serialization"),
    }
