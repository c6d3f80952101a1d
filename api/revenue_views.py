"""From what was earned to what is told of it."""

from api.earnings import (
    ALL_DAYS,
    LEVEL,
    MONTH_DAYS,
    YEAR_DAYS,
    earned,
    expected_month,
    growth,
)
from api.health_views import now_text
from api.measured_views import success_rate
from api.schemas.overview import (
    GlobalStats,
    GrowthBasis,
    Projection,
    RevenueSource,
    RevenueView,
)
from api.state import ApiState
from api.vitals import Vitals
from db.contracts.price import as_told

METHOD = "thirty times the mean of complete days; Student's interval of their sum"


def revenue_view(state: ApiState) -> RevenueView:
    """Return what was earned; raises UnavailableError."""
    found = earned(state, days=YEAR_DAYS)
    monthly = found.within(MONTH_DAYS)
    latest, before, percent = growth(found)
    expected = expected_month(found.complete_days, so_far=monthly)
    by_kind = found.by_kind(MONTH_DAYS)
    return RevenueView(
        daily_revenue=as_told(found.today),
        monthly_revenue=as_told(monthly),
        yearly_revenue=as_told(found.within(YEAR_DAYS)),
        revenue_growth=round(percent, 3),
        top_revenue_sources=[
            RevenueSource(
                source=kind,
                revenue=as_told(amount),
                percentage=round(float(amount / monthly * 100), 3) if monthly else 0.0,
            )
            for kind, amount in sorted(
                by_kind.items(), key=lambda each: (-each[1], each[0])
            )
        ],
        projected_monthly=round(expected.amount, 6),
        growth_basis=GrowthBasis(last_30_days=as_told(latest), before=as_told(before)),
        projection=Projection(
            method=METHOD,
            days=expected.days,
            low=None if expected.low is None else round(expected.low, 6),
            high=None if expected.high is None else round(expected.high, 6),
            level=LEVEL,
        ),
        currency=state.settings.currency,
        complete=found.is_whole,
        last_updated=now_text(),
    )


def global_stats(state: ApiState) -> GlobalStats:
    """Return what the service is and has come to; raises UnavailableError."""
    vitals, found = Vitals(state), earned(state, days=ALL_DAYS)
    kinds = {kind for day in found.by_day.values() for kind in day}
    return GlobalStats(
        total_ai_agents=None if vitals.workers is None else len(vitals.workers),
        industries_covered=len(kinds),
        global_success_rate=round(success_rate(vitals.last_solves) * 100, 3),
        monthly_call_volume=vitals.activity.month,
        total_revenue=as_told(found.within(ALL_DAYS)),
        system_uptime=round(vitals.uptime.good_share * 100, 3),
    )
