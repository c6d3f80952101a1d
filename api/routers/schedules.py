"""/v1/schedules: jobs at certain times; make, list, look, change, pause, trigger."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import scheduling
from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, ScheduleId, StateDep
from api.openapi import body_of
from api.ownership import SCHEDULES
from api.paging import next_after, read_cursor
from api.schedule_views import (
    listed_schedules,
    new_schedule,
    run_view,
    whole_schedule,
)
from api.schemas.job import JobView
from api.schemas.schedule import (
    RunPage,
    SchedulePage,
    SchedulePatch,
    ScheduleSubmission,
    ScheduleView,
    TimingAnswer,
    TimingQuestion,
)
from api.state import ApiState
from api.views import accepted_job
from db.contracts.event import timestamp
from db.models import Schedule
from db.repositories import schedule_runs, schedules

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=ScheduleView,
    openapi_extra=body_of(ScheduleSubmission),
)
async def create_schedule(
    request: Request, response: Response, state: StateDep, caller: CallerDep
) -> ScheduleView:
    """Have jobs of one description started, by the clock of a place or by a period."""
    require_json(request)
    body = await read_body(request, state.settings)

    def create() -> ScheduleView:
        submission = parse(ScheduleSubmission, body)
        created = scheduling.create(state, submission, caller=caller)
        with state.backplane.database.reading() as connection:
            return new_schedule(connection, created)

    view = await run_in_threadpool(create)
    response.headers["Location"] = view.links.self
    return view


@router.get("")
def list_schedules(
    state: StateDep,
    caller: CallerDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SchedulePage:
    """List schedules, newest first. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, SCHEDULES.id_form)
    with state.backplane.database.reading() as connection:
        found = schedules.list_schedules(
            connection, after=cursor, limit=limit + 1, caller=caller.sees_of
        )
        items = listed_schedules(connection, found[:limit])
    return SchedulePage(items=items, next=next_after(found, limit))


@router.post(
    "/preview",
    response_model=TimingAnswer,
    openapi_extra=body_of(TimingQuestion),
)
async def preview_schedule(request: Request, state: StateDep) -> TimingAnswer:
    """Tell when jobs would start, before anything is recorded."""
    require_json(request)
    body = await read_body(request, state.settings)

    def tell() -> TimingAnswer:
        due = scheduling.preview(state, parse(TimingQuestion, body))
        return TimingAnswer(items=[timestamp(each) for each in due])

    return await run_in_threadpool(tell)


@router.get("/{schedule_id}")
def get_schedule(state: StateDep, schedule_id: ScheduleId) -> ScheduleView:
    """Look at a schedule: its next five times, and how its last job stands."""
    with state.backplane.database.reading() as connection:
        found = schedules.get_schedule(connection, schedule_id)
        return whole_schedule(connection, found)


@router.patch(
    "/{schedule_id}",
    response_model=ScheduleView,
    openapi_extra=body_of(SchedulePatch),
)
async def change_schedule(
    request: Request, state: StateDep, caller: CallerDep, schedule_id: ScheduleId
) -> ScheduleView:
    """Change the fields that are sent; a new job replaces the whole old one."""
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> ScheduleView:
        patch = parse(SchedulePatch, body)
        changed = scheduling.change(state, schedule_id, patch, caller=caller)
        with state.backplane.database.reading() as connection:
            if "job" in patch.model_fields_set:
                return new_schedule(connection, changed)
            return whole_schedule(connection, changed)

    return await run_in_threadpool(change)


@router.delete("/{schedule_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_schedule(state: StateDep, schedule_id: ScheduleId) -> None:
    """Forget the schedule and what came of its due times; its jobs stay."""
    with state.backplane.database.transaction() as connection:
        schedules.delete_schedule(connection, schedule_id)


@router.post("/{schedule_id}/pause")
def pause_schedule(state: StateDep, schedule_id: ScheduleId) -> ScheduleView:
    """Let no due time come until it is resumed. Jobs that run go on."""
    return _shown(state, scheduling.pause(state, schedule_id))


@router.post("/{schedule_id}/resume")
def resume_schedule(state: StateDep, schedule_id: ScheduleId) -> ScheduleView:
    """Go on with the first due time from now."""
    return _shown(state, scheduling.resume(state, schedule_id))


@router.post("/{schedule_id}/trigger", status_code=HTTPStatus.ACCEPTED)
def trigger_schedule(
    response: Response, state: StateDep, caller: CallerDep, schedule_id: ScheduleId
) -> JobView:
    """Start a job now, also while it is paused or another one runs."""
    job = scheduling.trigger(state, schedule_id, caller=caller)
    view, tag = accepted_job(job, None)
    response.headers["Location"] = view.links.self
    response.headers["ETag"] = tag
    return view


@router.get("/{schedule_id}/runs")
def list_runs(
    state: StateDep,
    schedule_id: ScheduleId,
    after: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunPage:
    """List what came of due times, newest first: a job, or why there is none."""
    with state.backplane.database.reading() as connection:
        schedules.get_schedule(connection, schedule_id)
        found = schedule_runs.list_runs(
            connection, schedule_id, before=after, limit=limit + 1
        )
    shown = found[:limit]
    return RunPage(
        items=[run_view(run) for run in shown],
        next=str(shown[-1].number) if len(found) > limit else "",
    )


def _shown(state: ApiState, schedule: Schedule) -> ScheduleView:
    with state.backplane.database.reading() as connection:
        return whole_schedule(connection, schedule)
