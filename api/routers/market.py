"""/v1/market: the latest values of the feed, what they were, and what is stated."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api import csv_text
from api.dependencies import StateDep
from api.market_views import market_view, tick_view
from api.schemas.market import (
    FieldModelView,
    MarketView,
    ModelView,
    TickPage,
    TickView,
)
from api.schemas.schedule import Instant
from api.state import ApiState
from db.contracts.errors import NotFoundError
from db.contracts.market import CORRELATION, MODEL, TICK_SECONDS, MarketField
from db.repositories import market
from db.repositories.market import TickFilter

router = APIRouter(prefix="/v1/market", tags=["market"])

PAGE = 500
"""Rows that an export holds at once."""
MAX_EXPORTED = 1_000_000
CSV = "text/csv"
COLUMNS = ("sequence", "time", "source", "simulated", "gap", "gap_detail", "missed")

Limit = Annotated[int, Query(ge=1, le=PAGE)]
ExportLimit = Annotated[int, Query(ge=1, le=MAX_EXPORTED)]
Fields = Annotated[list[MarketField] | None, Query(alias="field", max_length=20)]


async def _filter(
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> TickFilter:
    return TickFilter(since=since, until=until)


Chosen = Annotated[TickFilter, Depends(_filter)]


@router.get("")
def get_market(state: StateDep) -> MarketView:
    """Look at the latest values, how old they are, and where they come from."""
    with state.backplane.database.reading() as connection:
        standing = market.standing(connection)
        tick = market.latest(connection)
        if tick is None or standing.last is None:
            raise NotFoundError(
                "there is no tick with values yet",
                suggestion="Wait for ten seconds; see SOLVEQUEUE_MARKET_FEED.",
            )
        before = market.latest(connection, before=tick.sequence)
    return market_view(tick, before, standing.last, time=standing.time)


@router.get("/history")
def list_ticks(
    state: StateDep,
    chosen: Chosen,
    fields: Fields = None,
    after: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    limit: Limit = 50,
) -> TickPage:
    """List ticks, newest first, gaps included; ``next`` is ``after`` of the rest."""
    with state.backplane.database.reading() as connection:
        found = market.list_ticks(connection, chosen, before=after, limit=limit + 1)
    shown = [tick_view(each, _fields(fields)) for each in found[:limit]]
    return TickPage(
        items=shown, next=str(shown[-1].sequence) if len(found) > limit else ""
    )


@router.get(
    "/export/csv",
    response_class=StreamingResponse,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
def export_csv(
    state: StateDep,
    chosen: Chosen,
    fields: Fields = None,
    limit: ExportLimit = 10_000,
) -> StreamingResponse:
    """Download ticks, newest first, a line each, gaps included."""
    headers = {"Content-Disposition": 'attachment; filename="market.csv"'}
    lines = _csv_lines(state, chosen, _fields(fields), limit)
    return StreamingResponse(lines, media_type=CSV, headers=headers)


@router.get("/model")
def get_model() -> ModelView:
    """Look at what is stated of the simulation; a provider's values are not of it."""
    return ModelView(
        step_s=TICK_SECONDS,
        fields=[FieldModelView.of(field, each) for field, each in MODEL.items()],
        correlation=[list(row) for row in CORRELATION],
    )


def _fields(named: list[MarketField] | None) -> frozenset[MarketField]:
    return frozenset(named or MarketField)


def _csv_lines(
    state: ApiState, chosen: TickFilter, fields: frozenset[MarketField], limit: int
) -> Iterator[str]:
    """Yield the table, some lines at a time."""
    names = [field for field in MarketField if field in fields]
    yield csv_text.lines([(*COLUMNS, *names)])
    for page in _pages(state, chosen, fields, limit):
        yield csv_text.lines(
            [
                *(getattr(each, name) for name in COLUMNS),
                *(each.values and each.values.of(name) for name in names),
            ]
            for each in page
        )


def _pages(
    state: ApiState, chosen: TickFilter, fields: frozenset[MarketField], limit: int
) -> Iterator[list[TickView]]:
    """Yield ticks, each page by a transaction of its own: readers may be slow."""
    before: int | None = None
    while limit > 0:
        size = min(PAGE, limit)
        with state.backplane.database.reading() as connection:
            found = market.list_ticks(connection, chosen, before=before, limit=size)
        if found:
            yield [tick_view(each, fields) for each in found]
            before = found[-1].sequence
        limit = limit - size if len(found) == size else 0
