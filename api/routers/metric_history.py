"""/v1/metrics: what the service's numbers were, period by period."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from api import csv_text
from api.dependencies import StateDep
from api.instances import invalid
from api.schemas.metric_history import (
    MetricHistory,
    PeriodView,
    SeriesList,
    SeriesView,
)
from api.schemas.schedule import Instant
from db.contracts.event import timestamp
from db.contracts.near_miss import did_you_mean
from db.contracts.series import SERIES, Tier
from db.repositories import jobs, metric_history
from db.repositories.metric_history import MOST_PERIODS, Period

router = APIRouter(prefix="/v1/metrics", tags=["metrics"])

CSV = "text/csv"
USUAL_PERIODS = 360
_AS_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}}
}


@router.get("/series")
def list_series() -> SeriesList:
    """List the numbers that are kept over time."""
    return SeriesList(
        items=[
            SeriesView(name=name, kind=each.kind, help=each.help, unit=each.unit)
            for name, each in SERIES.items()
        ]
    )


@router.get("/history", response_model=MetricHistory, responses=_AS_CSV)
def get_history(
    state: StateDep,
    series: Annotated[str, Query(max_length=100)],
    tier: Tier = Tier.MINUTE,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> MetricHistory | Response:
    """Return a series period by period, gaps included; by default the last 360."""
    if series not in SERIES:
        raise invalid(
            "#query/series",
            "there is no such series",
            f"{did_you_mean(series, SERIES)}GET /v1/metrics/series lists them.",
        )
    with state.backplane.database.reading() as connection:
        end = jobs.database_time(connection) if until is None else until
        begin = end - USUAL_PERIODS * tier.seconds if since is None else since
        if end - begin > MOST_PERIODS * tier.seconds:
            raise invalid(
                "#query/from",
                f"these are more than {MOST_PERIODS} periods",
                "Ask for a shorter time, or a tier with longer periods.",
            )
        found = metric_history.periods(connection, series, tier, since=begin, until=end)
    items = [_view(each) for each in found]
    if CSV in accept:
        columns = tuple(PeriodView.model_fields)
        rows = [[getattr(each, name) for name in columns] for each in items]
        return Response(csv_text.lines([columns, *rows]), media_type=CSV)
    registered = SERIES[series]
    return MetricHistory(
        series=series,
        kind=registered.kind,
        unit=registered.unit,
        tier=tier,
        period_s=tier.seconds,
        items=items,
    )


def _view(period: Period) -> PeriodView:
    p50, p95, p99 = period.quantiles or (None, None, None)
    return PeriodView(
        time=timestamp(period.at),
        samples=period.samples,
        value=period.value,
        min=period.least,
        max=period.greatest,
        count=period.count,
        p50=p50,
        p95=p95,
        p99=p99,
    )
