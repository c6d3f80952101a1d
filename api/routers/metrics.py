"""/metrics, /metrics/live, /metrics/prometheus, /stats: numbers of all processes."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from api.dependencies import StateDep
from api.exposition import render
from api.live_views import live_metrics
from api.measured_views import metrics_view, stats_view
from api.schemas.measured import MetricsView, StatsView
from api.vitals import Vitals
from db.contracts.service_standing import LiveMetrics

router = APIRouter(tags=["metrics"])

_AS_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
Accept = Annotated[str, Header(include_in_schema=False)]


@router.get("/metrics", response_model=MetricsView, responses=_AS_TEXT)
def metrics(request: Request, accept: Accept = "") -> MetricsView | Response:
    """Return the numbers in JSON, or to a scraper in the text it asks for."""
    vitals = _look(request)
    if _is_scraper(accept):
        return _text(vitals, accept)
    return metrics_view(vitals)


@router.get("/metrics/live", response_model_exclude_none=True)
def live(state: StateDep) -> LiveMetrics:
    """Return what ``live_metrics`` tells on /ws/live, at this moment."""
    return live_metrics(state)


@router.get("/metrics/prometheus", response_class=Response, responses=_AS_TEXT)
def prometheus(request: Request, accept: Accept = "") -> Response:
    """Return the numbers in Prometheus' text format."""
    # A scraper may ask for OpenMetrics; whoever asks for nothing gets version 0.0.4.
    return _text(_look(request), accept if "openmetrics" in accept else "")


@router.get("/stats")
def stats(request: Request) -> StatsView:
    """Return statistics of requests, solves, cache and queues."""
    return stats_view(_look(request))


def _look(request: Request) -> Vitals:
    return Vitals(request.app.state.solvequeue)


def _text(vitals: Vitals, accept: str) -> Response:
    text, content_type = render(vitals, accept)
    # Not as media_type: that would add the charset once more.
    return Response(text, headers={"content-type": content_type})


def _is_scraper(accept: str) -> bool:
    if "application/openmetrics-text" in accept:
        return True
    kinds = [part.replace(" ", "") for part in accept.split(",")]
    return any(kind.startswith("text/plain;version=") for kind in kinds)
