"""/api/financial, /api/scenario: for clients of the earlier finance server."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from api.body import parse
from api.calculating import find_calculation, propose
from api.dependencies import StateDep
from api.health_views import now_text
from api.live_views import cache_standing
from api.openapi import body_of
from api.outcomes import OutcomesDep, result_of
from api.schemas.calculation import CalculationOptions
from api.schemas.finance import FinanceAnswer
from api.submit import Proposal
from api.vitals import Vitals
from db.contracts.calculations import CALCULATIONS
from db.contracts.errors import StreamUnavailableError

router = APIRouter(prefix="/api", tags=["calculations"])

CACHE_STATS = "/financial/cache-stats"
ROUTES = {
    "/financial/npv": "npv",
    "/financial/irr": "irr",
    "/financial/comprehensive-roi": "comprehensive_roi",
    "/scenario/monte-carlo": "monte_carlo",
    "/scenario/sensitivity": "sensitivity",
}
"""What each of the earlier server's routes calculates."""


@router.get("")
def tell_routes() -> FinanceAnswer:
    """Say what there is."""
    return _answer("SolveQueue calculates.", {"endpoints": [*ROUTES, CACHE_STATS]})


@router.get("/docs", include_in_schema=False)
def show_docs() -> RedirectResponse:
    return RedirectResponse("/docs")


@router.get(CACHE_STATS)
def tell_caches(state: StateDep) -> FinanceAnswer:
    """Say how the cache is used, by calculation."""
    vitals = Vitals(state)
    if not vitals.has_redis:
        raise StreamUnavailableError("What is counted is in Redis; it is away.")
    stats = {
        name: cache_standing(use).model_dump()
        for name, use in vitals.caches.items()
        if name in CALCULATIONS
    }
    return _answer("How often an outcome was there already.", stats)


def _offer(path: str, name: str) -> None:
    calculation = find_calculation(name)

    @router.post(
        path,
        name=f"calculate_{name}",
        summary=calculation.summary,
        openapi_extra=body_of(calculation.parameters, example=calculation.example),
    )
    async def calculate(state: StateDep, outcomes: OutcomesDep) -> FinanceAnswer:
        """Calculate, and answer with the outcome."""

        def resolve(body: bytes) -> Proposal:
            wanted = parse(calculation.parameters, body)
            return propose(state, calculation, wanted, CalculationOptions())

        job, is_cached = await outcomes.find(resolve)
        told = _answer(f"{name} calculated.", result_of(job).outcome or {})
        told.calculation_id, told.cached = job.id, is_cached
        return told


for _path, _name in ROUTES.items():
    _offer(_path, _name)


def _answer(message: str, data: dict[str, Any]) -> FinanceAnswer:
    return FinanceAnswer(
        status="success", message=message, data=data, timestamp=now_text()
    )
