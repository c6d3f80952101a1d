"""/healthz, /readyz, /ready, /health, /api/health: for probes and people."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from api import health_views
from api.breakers import engine_breaker
from api.schemas.health import (
    ApiHealth,
    Liveness,
    Readiness,
    ServiceHealth,
)
from api.state import ApiState
from api.vitals import Vitals

router = APIRouter(tags=["health"])

HEALTH_JSON = "application/health+json"
_AS_HEALTH_JSON = {
    HEALTH_JSON: {"schema": {"type": "object", "required": ["status", "checks"]}}
}


@router.get("/healthz")
async def healthz() -> Liveness:
    """Say that the process lives."""
    return Liveness()


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Readiness}},
)
async def readyz(request: Request, response: Response) -> Readiness:
    """Say whether every part answers; the database alone is enough to accept jobs."""
    found = await run_in_threadpool(_readiness, request.app.state.solvequeue)
    if found.status != "ready":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return found


@router.get("/ready")
def ready(request: Request) -> Readiness:
    """Say what /readyz says, always with 200: for clients of the earlier server."""
    return _readiness(request.app.state.solvequeue)


@router.get(
    "/health",
    response_model=ServiceHealth,
    responses={
        HTTPStatus.OK: {"content": _AS_HEALTH_JSON},
        HTTPStatus.SERVICE_UNAVAILABLE: {"content": _AS_HEALTH_JSON},
    },
)
def health(
    request: Request,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> ServiceHealth | Response:
    """Say how the service is: its parts, and how requests have fared lately."""
    vitals = _look(request)
    if HEALTH_JSON in accept:
        told = health_views.health_json(vitals)
        status = HTTPStatus.OK
        if told.status == "fail":
            status = HTTPStatus.SERVICE_UNAVAILABLE
        body = told.model_dump_json(exclude_none=True)
        return Response(body, status, media_type=HEALTH_JSON)
    breaker = engine_breaker(request.app.state.solvequeue)
    return health_views.service_health(vitals, breaker)


@router.get("/api/health")
def api_health(request: Request) -> ApiHealth:
    """Say how the service is, in one word and a sentence."""
    return health_views.api_health(_look(request))


def _look(request: Request) -> Vitals:
    vitals = Vitals(request.app.state.solvequeue)
    vitals.note()
    return vitals


def _readiness(state: ApiState) -> Readiness:
    return health_views.readiness(Vitals(state), engine_breaker(state))
