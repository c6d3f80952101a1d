"""``precision``: a function at one value, as the earlier calculator is asked for it."""

from typing import Any

from api.body import parse, read_as
from api.calculating import propose
from api.calculations.calculation import Calculation
from api.calculations.offered import facts as shared_facts
from api.calculations.offered import milliseconds, percent
from api.outcomes import result_of
from api.schemas.calculation import CalculationOptions
from api.schemas.job import JobView
from api.schemas.precision import Calculated, CalculateInput
from api.state import ApiState
from api.submit import Proposal
from db.contracts.calculations.evaluate import (
    EVALUATE,
    EvaluateOutcome,
    EvaluateParameters,
)
from db.contracts.caller import Caller

VARIABLE = "x"
PATH = "/api/v1/calculate"


def resolve(state: ApiState, parameters: bytes, caller: Caller) -> Proposal:
    return propose_value(state, parse(CalculateInput, parameters))


def propose_value(state: ApiState, wanted: CalculateInput) -> Proposal:
    """Return the job that evaluates what is wanted."""
    given: dict[str, Any] = {
        "variables": {VARIABLE: wanted.input_value},
        "digits": wanted.precision_level,
    }
    if wanted.expression is not None:
        given["expression"] = wanted.expression
    evaluate = read_as(EvaluateParameters, given)
    options = CalculationOptions(metadata=wanted.metadata)
    return propose(state, EVALUATE, evaluate, options)


def calculated(view: JobView) -> Calculated:
    """Return what a succeeded job came to, in the earlier calculator's words."""
    found = EvaluateOutcome.model_validate(result_of(view).outcome)
    second = found.second
    return Calculated(
        calculation_id=view.id,
        input_value=view.parameters["variables"][VARIABLE],
        precision_result=float(found.value),
        precision_level=view.parameters["digits"],
        timestamp=view.finished_at or view.created_at,
        processing_time_ms=milliseconds(view),
        metadata=view.metadata,
        cached=view.cached_from is not None,
        value=found.value,
        error_bound=found.error_bound,
        certainty=found.certainty,
        algorithm=found.algorithm,
        terms=found.terms,
        working_bits=found.working_bits,
        second_algorithm=None if second is None else second.algorithm,
    )


def facts(view: JobView) -> dict[str, Any]:
    names = {"precision_result", "precision_level", "input_value", "metadata"}
    return {
        **shared_facts(view),
        **calculated(view).model_dump(mode="json", include=names),
    }


PRECISION = Calculation(
    summary="Evaluate a function at one value, to digits that are certain.",
    path=PATH,
    resolve=resolve,
    percent=percent,
    result=lambda view: calculated(view).model_dump(mode="json"),
    facts=facts,
    example={"input_value": 3.14159, "precision_level": 6},
    is_everyones=True,
)
