"""Turns what owners of live calculations send into what is recorded, and back."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection

from api.body import read_as
from api.calculating import named_calculation
from api.findings import below, to_pointer
from api.instances import invalid
from api.outcome_numbers import leads_to_number, numbers_to_point_to
from api.schemas.live_calculation import (
    LiveLinks,
    LiveOutcome,
    LiveSubmission,
    LiveView,
)
from api.state import ApiState
from db.contracts.calculations.calculation import Calculation
from db.contracts.caller import Caller
from db.contracts.errors import ErrorRecord
from db.contracts.event import timestamp
from db.contracts.identifier import new_id
from db.contracts.live_calculation import (
    UnboundError,
    bound,
    change_between,
    first_number,
    numbers_of,
    usual_bindings,
)
from db.contracts.market import MODEL, MarketField, MarketValues
from db.models import LiveCalculation
from db.repositories import live_calculations, market
from db.repositories.live_calculations import NewLive


def create(
    state: ApiState, submission: LiveSubmission, *, caller: Caller
) -> LiveCalculation:
    """Record a live calculation; everything of it is checked before."""
    calculation = named_calculation(submission.calculation, "#/calculation")
    bindings = _bindings(calculation, submission.bindings)
    with state.backplane.database.reading() as connection:
        values = _present(connection)
    _check_parameters(calculation, submission.parameters, bindings, values)
    new = NewLive(
        id=new_id("live"),
        caller=caller.name,
        calculation=calculation.name,
        parameters=json.dumps(submission.parameters),
        bindings=json.dumps(bindings),
        value_at=_value_at(calculation.outcome, submission.value),
        min_change=submission.min_change,
    )
    with state.backplane.database.transaction() as connection:
        return live_calculations.add(
            connection,
            new,
            expires_s=submission.expires_s,
            limit=state.settings.live_calculations,
        )


def begin(
    state: ApiState,
    calculation: str,
    parameters: dict[str, Any],
    bindings: dict[str, str] | None,
    *,
    caller: Caller,
) -> LiveView:
    """Do as ``create`` for who asks by a socket; return it as its owner sees it."""
    wish = {
        "calculation": calculation,
        "parameters": parameters,
        "bindings": bindings,
    }
    made = create(state, read_as(LiveSubmission, wish), caller=caller)
    return live_view(made, at=made.created_at)


def live_view(live: LiveCalculation, *, at: float) -> LiveView:
    """Return it as its owner sees it at this moment."""
    return LiveView(
        id=live.id,
        calculation=live.calculation,
        parameters=json.loads(live.parameters),
        bindings=json.loads(live.bindings),
        value=live.value_at,
        min_change=live.min_change,
        state="live" if live.expires_at > at else "expired",
        created_at=timestamp(live.created_at),
        expires_at=timestamp(live.expires_at),
        tick=live.tick,
        pending=live.pending,
        revaluations=live.revaluations,
        skips=live.skips,
        latest=_latest(live),
        error=None
        if live.error is None
        else ErrorRecord.model_validate_json(live.error),
        links=LiveLinks(
            self=f"/v1/live-calculations/{live.id}",
            job=None if live.job is None else f"/v1/jobs/{live.job}",
        ),
    )


def _latest(live: LiveCalculation) -> LiveOutcome | None:
    if live.outcome_tick is None or live.outcome_job is None:
        return None
    return LiveOutcome(
        tick=live.outcome_tick,
        job=live.outcome_job,
        outcome=json.loads(live.outcome or "null"),
        value=live.value,
        value_before=live.value_before,
        change=change_between(live.value_before, live.value),
        ended_at=timestamp(live.outcome_at or 0.0),
    )


def _bindings(
    calculation: Calculation[Any, Any], given: Mapping[str, str] | None
) -> dict[str, MarketField]:
    if given is not None:
        return {at: MarketField(name) for at, name in given.items()}
    usual = usual_bindings(calculation.parameters)
    if not usual:
        raise invalid(
            "#/bindings",
            f"no parameter of {calculation.name} is named as a field of the feed",
            'Say which are bound, such as {"/cash_flows/0": "tech_index"}.',
        )
    return usual


def _present(connection: Connection) -> MarketValues:
    """Return values such as ticks have; before the first, those of the model."""
    tick = market.latest(connection)
    if tick is not None:
        return market.values_of(tick)
    return MarketValues(**{field.value: each.middle for field, each in MODEL.items()})


def _check_parameters(
    calculation: Calculation[Any, Any],
    parameters: dict[str, Any],
    bindings: dict[str, MarketField],
    values: MarketValues,
) -> None:
    """Raise InvalidInputError unless it could be calculated now."""
    numbers = numbers_of(bindings, values)
    if numbers is None:
        lacking = next(at for at, name in bindings.items() if values.of(name) is None)
        raise invalid(
            to_pointer(["bindings", lacking]),
            f"the feed has no {bindings[lacking].value}",
            "Bind a field that GET /v1/market shows.",
        )
    try:
        whole = bound(parameters, bindings, numbers)
    except UnboundError as error:
        raise invalid(
            to_pointer(["bindings", error.pointer]),
            "the parameters have no such place",
            "Point to a field of an object that is there, such as /discount_rate.",
        ) from None
    with below("#/parameters"):
        read_as(calculation.parameters, whole)


def _value_at(outcome: type[BaseModel], given: str | None) -> str | None:
    if given is None:
        return first_number(outcome)
    if not leads_to_number(outcome, given, None):
        there = numbers_to_point_to(outcome, None, meant=given)
        raise invalid(
            "#/value",
            "there is no number in the outcome",
            f"Its numbers: {', '.join(there)}.",
        )
    return given
