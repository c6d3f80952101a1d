"""Every calculation of the registry, as a socket asks for it."""

from typing import Any

from api.averages import SHORTEST_SECONDS
from api.body import parse
from api.calculating import propose
from api.calculations.calculation import Calculation
from api.outcomes import result_of
from api.schemas.calculation import CalculationOptions
from api.schemas.job import JobView
from api.state import ApiState
from api.submit import Proposal
from db.contracts.calculations import calculation as contracts
from db.contracts.caller import Caller
from db.contracts.event import Progress


def offered(contract: contracts.Calculation[Any, Any]) -> Calculation:
    """Return it as a type of calculation; its parameters are those of its contract."""

    def resolve(state: ApiState, parameters: bytes, caller: Caller) -> Proposal:
        wanted = parse(contract.parameters, parameters)
        return propose(state, contract, wanted, CalculationOptions())

    return Calculation(
        summary=contract.summary,
        path=f"/v1/calculations/{contract.name}",
        resolve=resolve,
        percent=percent,
        result=lambda view: result_of(view).outcome or {},
        facts=facts,
        example=dict(contract.example),
    )


def percent(_: JobView, progress: Progress) -> float:
    return round(100 * (progress.fraction or 0.0), 1)


def facts(view: JobView) -> dict[str, Any]:
    return {
        "cached": view.cached_from is not None,
        "processing_time_ms": milliseconds(view),
    }


def milliseconds(view: JobView) -> float:
    """Return how long it took to calculate; never 0, for clients divide by it."""
    return round(max(result_of(view).elapsed_s, SHORTEST_SECONDS) * 1000, 6)
