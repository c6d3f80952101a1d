"""/healthz, /readyz, /metrics/prometheus: for probes and scrapers."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.metrics import Metrics
from api.state import ApiState
from db.contracts.errors import ServiceError, UnavailableError
from db.repositories import jobs

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


class Health(BaseModel):
    """That this process answers; says nothing of its parts."""

    status: str = "ok"


class Readiness(BaseModel):
    """Whether jobs can be accepted, and how each part is."""

    status: str
    components: dict[str, str]


@router.get("/healthz")
async def healthz() -> Health:
    """Say that the process lives."""
    return Health()


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Readiness}},
)
async def readyz(request: Request, response: Response) -> Readiness:
    """Say whether every part answers; the database alone is enough to accept jobs."""
    state: ApiState = request.app.state.solvequeue
    components = await run_in_threadpool(_components, state)
    if any(status != "ok" for status in components.values()):
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return Readiness(status="not_ready", components=components)
    return Readiness(status="ready", components=components)


@router.get("/metrics/prometheus", response_class=Response)
def prometheus(request: Request) -> Response:
    """Return this process' metrics in Prometheus' text format."""
    state: ApiState = request.app.state.solvequeue
    metrics: Metrics = request.app.state.metrics
    try:
        with state.backplane.database.reading() as connection:
            metrics.count_jobs(jobs.count_by_state(connection))
    except UnavailableError:
        # The process' own numbers are worth most when a part is away.
        metrics.forget_jobs()
    return Response(metrics.render(), media_type=metrics.content_type)


def _components(state: ApiState) -> dict[str, str]:
    def database() -> None:
        with state.backplane.database.reading() as connection:
            jobs.database_time(connection)

    return {
        "database": _probe(database),
        "events": _probe(lambda: state.backplane.stream.ping()),
        "broker": _probe(lambda: state.backplane.broker.ping()),
    }


def _probe(check: Callable[[], None]) -> str:
    try:
        check()
    except ServiceError as error:
        return error.code
    except Exception:
        # Each broker has errors of its own, and all of them mean the same here.
        logger.debug("probe failed", extra={"action": "probe_failed"}, exc_info=True)
        return "unreachable"
    return "ok"
