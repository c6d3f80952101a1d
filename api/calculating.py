"""What a caller means who wants something calculated."""

from typing import Any

from api.body import read_as
from api.findings import below
from api.instances import invalid
from api.schemas.calculation import (
    CalculationOptions,
    CalculationSubmission,
    ScheduledCalculation,
)
from api.state import ApiState
from api.submit import Proposal
from api.webhooks import choose_webhook
from db.contracts.calculations import CALCULATIONS
from db.contracts.calculations.calculation import Calculation
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError
from db.contracts.kinds.calculate import CALCULATE, checked
from db.contracts.near_miss import did_you_mean

NOT_OFFERED = "no calculation of this name is offered"
DETAILS = ("time_s", "deadline_s", "cache", "notify", "metadata")
"""Options that the worker has to know."""


def find_calculation(name: str) -> Calculation[Any, Any]:
    """Return the calculation of this name; raises NotFoundError where there is none."""
    calculation = CALCULATIONS.get(name)
    if calculation is None:
        raise NotFoundError(NOT_OFFERED, suggestion=_those_offered(name))
    return calculation


def named_calculation(name: str, pointer: str) -> Calculation[Any, Any]:
    """Return the calculation that a body names there; raises InvalidInputError."""
    calculation = CALCULATIONS.get(name)
    if calculation is None:
        raise invalid(pointer, NOT_OFFERED, _those_offered(name))
    return calculation


def _those_offered(name: str) -> str:
    return f"{did_you_mean(name, CALCULATIONS)}/v1/calculations lists all."


def resolve_calculation(
    name: str, state: ApiState, submission: CalculationSubmission, /, *, caller: Caller
) -> Proposal:
    """Return the job that does it; raises InvalidInputError where it cannot be."""
    calculation = find_calculation(name)
    with below("#/parameters"):
        parameters = read_as(calculation.parameters, submission.parameters)
    return propose(state, calculation, parameters, submission)


def resolve_scheduled(
    state: ApiState, submission: ScheduledCalculation, *, caller: Caller
) -> Proposal:
    """Do as ``resolve_calculation`` for what a schedule asks for."""
    named_calculation(submission.calculation, "#/calculation")
    return resolve_calculation(submission.calculation, state, submission, caller=caller)


def is_seed_fixed(submission: ScheduledCalculation) -> bool:
    """Return whether all jobs of the schedule are to draw the same numbers."""
    calculation = CALCULATIONS[submission.calculation]
    return not calculation.is_seeded or "seed" in submission.parameters


def propose(
    state: ApiState,
    calculation: Calculation[Any, Any],
    parameters: Any,
    options: CalculationOptions,
) -> Proposal:
    """Return the job for parameters that have been checked."""
    return Proposal(
        CALCULATE,
        checked(
            calculation.name,
            parameters,
            **options.model_dump(include=set(DETAILS)),
        ),
        webhook=choose_webhook(options, state.settings),
        priority_s=options.priority_s,
    )
