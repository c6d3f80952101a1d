"""/metrics/revenue, /stats/global and more: the routes of the earlier overview."""

from fastapi import APIRouter, Request

from api.dependencies import StateDep
from api.live_views import overview_health
from api.revenue_views import global_stats, revenue_view
from api.schemas.overview import GlobalStats, RevenueView
from api.vitals import Vitals
from db.contracts.service_standing import OverviewHealth

router = APIRouter(tags=["overview"])


@router.get("/metrics/revenue")
def get_revenue(state: StateDep) -> RevenueView:
    """Return what was earned: today, in a month, in a year, and by kind of job."""
    return revenue_view(state)


@router.get("/stats/global", response_model_exclude_none=True)
def get_global_stats(state: StateDep) -> GlobalStats:
    """Return what the service is and has come to."""
    return global_stats(state)


@router.get("/api/v1/overview/health")
def get_overview_health(request: Request) -> OverviewHealth:
    """Say how the service is and how many of its parts are there."""
    vitals = Vitals(request.app.state.solvequeue)
    vitals.note()
    return overview_health(vitals)
