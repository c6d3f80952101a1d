"""/: what this is and where everything is found."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api.dependencies import HubDep, StateDep
from api.state import ApiState
from db.contracts.catalogue import catalogue
from db.contracts.errors import UnavailableError
from db.contracts.kinds import KINDS
from db.contracts.version import VERSION

router = APIRouter(tags=["health"])

HTML = "text/html"

ENDPOINTS = {
    "dashboard": "/dashboard",
    "jobs": "/v1/jobs",
    "batches": "/v1/batches",
    "benchmarks": "/v1/benchmarks",
    "schedules": "/v1/schedules",
    "methods": "/v1/methods",
    "instances": "/v1/instances",
    "queues": "/v1/queues",
    "verify": "/v1/verify",
    "websocket": "/v1/ws",
    "ws": "/ws",
    "ws_live": "/ws/live",
    "ws_stats": "/ws/stats",
    "solve": "/solve",
    "solve_batch": "/solve/batch",
    "solve_async": "/solve-async",
    "benchmark": "/benchmark",
    "history": "/analytics/history",
    "export_csv": "/analytics/export/csv",
    "export_json": "/analytics/export/json",
    "metrics_live": "/metrics/live",
    "metrics_revenue": "/metrics/revenue",
    "metrics_history": "/v1/metrics/history",
    "stats_global": "/stats/global",
    "providers": "/v1/providers",
    "alerts": "/v1/alerts",
    "insights": "/v1/insights",
    "monitor": "/api/status",
    "invoices": "/v1/invoices",
    "problems": "/problems",
    "openapi": "/openapi.json",
}
FEATURES = (
    "quadratic and linear assignment, heuristic and exact",
    "proven bounds and certificates",
    "batches, benchmarks, islands and portfolios",
    "numbered events by page, SSE and WebSocket",
    "signed webhooks",
    "providers watched, with budgets, alerts and insights",
    "schedules with time zones",
    "equal work done once, idempotency keys",
    "recovery from the death of any process",
)


class Root(BaseModel):
    """The service, in the one shape that all its clients read."""

    name: str
    service: str
    version: str
    description: str
    status: str
    timestamp: str
    docs: str
    redoc: str
    metrics: str
    health: str
    endpoints: dict[str, str]
    features: list[str]
    system_info: dict[str, Any]


@router.get("/", response_model=Root)
def get_root(
    request: Request,
    response: Response,
    state: StateDep,
    hub: HubDep,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Root | Response:
    """Say what this is and where everything is found; lead browsers to the page."""
    response.headers["Vary"] = "Accept"
    if HTML in accept:
        # Programs do not name it.
        return RedirectResponse(
            "dashboard", HTTPStatus.SEE_OTHER, headers={"Vary": "Accept"}
        )
    known, watched = catalogue(), state.watching.look()
    return Root(
        name="SolveQueue",
        service="solvequeue",
        version=VERSION,
        description=" ".join(request.app.description.split()),
        status="running",
        timestamp=datetime.now(UTC).isoformat(),
        docs="/docs",
        redoc="/redoc",
        metrics="/metrics",
        health="/health",
        endpoints=ENDPOINTS,
        features=list(FEATURES),
        system_info={
            "kinds": list(KINDS),
            "methods": len(known.methods),
            "bounds": len(known.bounds),
            "instances": len(known.instances),
            "database": state.settings.database.partition(":")[0].partition("+")[0],
            "total_providers": watched.total,
            "categories": list(watched.categories),
            "scheduler_running": _is_ticking(state),
            "websocket_connections": hub.subscriptions,
        },
    )


def _is_ticking(state: ApiState) -> bool | None:
    """Return whether beat ticks; None while nobody knows."""
    try:
        return state.parts.presence.is_ticking()
    except UnavailableError:
        return None
