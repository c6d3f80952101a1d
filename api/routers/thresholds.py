"""/v1/thresholds: numbers that you want to be notified of."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, StateDep, ThresholdId
from api.openapi import body_of
from api.ownership import THRESHOLDS
from api.paging import next_after, read_cursor
from api.schemas.threshold import (
    ThresholdInput,
    ThresholdPage,
    ThresholdPatch,
    ThresholdView,
)
from api.state import ApiState
from api.thresholds import changes_of, new_threshold, threshold_view
from db.repositories import thresholds

router = APIRouter(prefix="/v1/thresholds", tags=["thresholds"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=ThresholdView,
    openapi_extra=body_of(ThresholdInput),
)
async def create_threshold(
    request: Request, response: Response, state: StateDep, caller: CallerDep
) -> ThresholdView:
    """Have yourself notified when a number is beyond a limit, and when it is back."""
    require_json(request)
    body = await read_body(request, state.settings)

    def create() -> ThresholdView:
        given = parse(ThresholdInput, body)
        with state.backplane.database.transaction() as connection:
            new = new_threshold(connection, given, caller=caller)
            made = thresholds.add_threshold(
                connection, new, limit=state.settings.thresholds
            )
        return threshold_view(made)

    view = await run_in_threadpool(create)
    response.headers["Location"] = view.links.self
    return view


@router.get("")
def list_thresholds(
    state: StateDep,
    caller: CallerDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ThresholdPage:
    """List thresholds, newest first. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, THRESHOLDS.id_form)
    with state.backplane.database.reading() as connection:
        found = thresholds.list_thresholds(
            connection,
            after=cursor,
            limit=limit + 1,
            owner=caller.sees_of,
        )
    items = [threshold_view(each) for each in found[:limit]]
    return ThresholdPage(items=items, next=next_after(found, limit))


@router.get("/{threshold_id}")
def get_threshold(state: StateDep, threshold_id: ThresholdId) -> ThresholdView:
    """Look at a threshold: what it saw last, and whether it is raised."""
    with state.backplane.database.reading() as connection:
        return threshold_view(thresholds.get_threshold(connection, threshold_id))


@router.patch(
    "/{threshold_id}",
    response_model=ThresholdView,
    openapi_extra=body_of(ThresholdPatch),
)
async def change_threshold(
    request: Request, state: StateDep, threshold_id: ThresholdId
) -> ThresholdView:
    """Change the fields that are sent. With another limit it begins anew, as armed."""
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> ThresholdView:
        patch = parse(ThresholdPatch, body)
        with state.backplane.database.transaction() as connection:
            found = thresholds.get_threshold(connection, threshold_id, is_held=True)
            changes = changes_of(connection, patch, found)
            changed = thresholds.change_threshold(connection, found, changes)
        return threshold_view(changed)

    return await run_in_threadpool(change)


@router.delete("/{threshold_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_threshold(state: StateDep, threshold_id: ThresholdId) -> None:
    """Forget the threshold; what it told stays among your notifications."""
    with state.backplane.database.transaction() as connection:
        thresholds.delete_threshold(connection, threshold_id)


@router.post("/{threshold_id}/enable")
def enable_threshold(state: StateDep, threshold_id: ThresholdId) -> ThresholdView:
    """Watch again; what went on meanwhile is not told afterwards."""
    return _switch(state, threshold_id, is_enabled=True)


@router.post("/{threshold_id}/disable")
def disable_threshold(state: StateDep, threshold_id: ThresholdId) -> ThresholdView:
    """Watch no more, until it is enabled."""
    return _switch(state, threshold_id, is_enabled=False)


def _switch(state: ApiState, threshold_id: str, *, is_enabled: bool) -> ThresholdView:
    with state.backplane.database.transaction() as connection:
        found = thresholds.get_threshold(connection, threshold_id, is_held=True)
        return threshold_view(
            thresholds.change_threshold(connection, found, {"enabled": is_enabled})
        )
