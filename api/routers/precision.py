"""/api/v1: for clients of the earlier precision calculator."""

import time

from fastapi import APIRouter, Response
from starlette.background import BackgroundTask

from api.body import parse
from api.calculations.precision import PATH, calculated, propose_value
from api.dependencies import CallerDep, StateDep
from api.health_views import now_text
from api.live.calculator import Wish, tell_channel
from api.live_views import calculation_metrics
from api.openapi import body_of
from api.outcomes import OutcomesDep
from api.schemas.precision import Calculated, CalculateInput, CalculatorHealth
from api.submit import Proposal
from api.vitals import Vitals
from db.contracts.metric import WEBSOCKETS
from db.contracts.service_standing import CalculationMetrics
from db.contracts.version import VERSION

router = APIRouter(tags=["calculations"])


@router.post(PATH, response_model=Calculated, openapi_extra=body_of(CalculateInput))
async def calculate(
    state: StateDep, caller: CallerDep, outcomes: OutcomesDep
) -> Response:
    """Evaluate the function, and answer with its value."""
    wanted: list[CalculateInput] = []

    def resolve(body: bytes) -> Proposal:
        wanted.append(parse(CalculateInput, body))
        return propose_value(state, wanted[0])

    found, is_cached = await outcomes.find(resolve)
    # Whoever had it done before may have said something else of it.
    job = found.model_copy(update={"metadata": wanted[0].metadata})
    background = None
    if not is_cached:
        completed = Wish(job.id, "precision", {}, caller).completed(job)
        # Afterwards: those who only listen need not be waited for.
        background = BackgroundTask(
            tell_channel, state, completed, caller, at=time.time()
        )
    told = calculated(job).model_copy(update={"cached": is_cached})
    return Response(
        told.model_dump_json(), media_type="application/json", background=background
    )


@router.get("/api/v1/metrics")
def get_metrics(state: StateDep) -> CalculationMetrics:
    """Return what calculations have come to."""
    return calculation_metrics(state, Vitals(state))


@router.get("/api/v1/health")
def get_health(state: StateDep) -> CalculatorHealth:
    """Say how the calculator is."""
    vitals = Vitals(state)
    return CalculatorHealth(
        status=vitals.status.value,
        timestamp=now_text(),
        version=VERSION,
        cache_mode="redis" if vitals.has_redis else "sqlite",
        active_connections=vitals.gauge(WEBSOCKETS),
    )
