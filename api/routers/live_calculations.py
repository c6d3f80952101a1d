"""/v1/live-calculations: done again with each tick of the market feed."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, LiveId, StateDep
from api.live_calculations import create, live_view
from api.openapi import body_of
from api.ownership import LIVE_CALCULATIONS
from api.paging import next_after, read_cursor
from api.schemas.live_calculation import LivePage, LiveSubmission, LiveView
from db.contracts.threshold import CALCULATION
from db.repositories import live_calculations, thresholds
from db.repositories.jobs import database_time

router = APIRouter(prefix="/v1/live-calculations", tags=["market"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=LiveView,
    openapi_extra=body_of(LiveSubmission),
)
async def create_live(
    request: Request, response: Response, state: StateDep, caller: CallerDep
) -> LiveView:
    """Have a calculation done again with each tick, and its change told."""
    require_json(request)
    body = await read_body(request, state.settings)

    def make() -> LiveView:
        made = create(state, parse(LiveSubmission, body), caller=caller)
        return live_view(made, at=made.created_at)

    view = await run_in_threadpool(make)
    response.headers["Location"] = view.links.self
    return view


@router.get("")
def list_live(
    state: StateDep,
    caller: CallerDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LivePage:
    """List live calculations, newest first. ``next`` is ``after`` of the rest."""
    cursor = read_cursor(after, LIVE_CALCULATIONS.id_form)
    with state.backplane.database.reading() as connection:
        found = live_calculations.list_live(
            connection, after=cursor, limit=limit + 1, caller=caller.sees_of
        )
        at = database_time(connection)
    items = [live_view(each, at=at) for each in found[:limit]]
    return LivePage(items=items, next=next_after(found, limit))


@router.get("/{live_id}")
def get_live(state: StateDep, live_id: LiveId) -> LiveView:
    """Look at a live calculation: what it came to last, and what that changed."""
    with state.backplane.database.reading() as connection:
        found = live_calculations.get_live(connection, live_id)
        return live_view(found, at=database_time(connection))


@router.delete("/{live_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_live(state: StateDep, live_id: LiveId) -> None:
    """Forget it and the thresholds that watch it; its jobs stay, one that runs too."""
    with state.backplane.database.transaction() as connection:
        live_calculations.delete_live(connection, live_id)
        thresholds.forget_watching(connection, f"{CALCULATION}:{live_id}")
