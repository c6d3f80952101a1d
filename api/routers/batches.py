"""/v1/batches: many solves under one job."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.actions import cancel
from api.dependencies import CallerDep, HubDep, JobId, StateDep, WaitSeconds
from api.families import resolve_batch
from api.family_views import family_view, rejected_items, require_kind, results
from api.openapi import submission_of
from api.routers.events import NDJSON
from api.schemas.family import BatchSubmission, FamilyView
from api.submission import answer_submission
from api.views import load_job, refuse_if_removed
from db.contracts.kinds.batch import BATCH

router = APIRouter(prefix="/v1/batches", tags=["batches"])
LINES: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK: {"content": {NDJSON: {"schema": {"type": "string"}}}}
}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=FamilyView,
    openapi_extra=submission_of(BatchSubmission),
    responses={HTTPStatus.CREATED: {"model": FamilyView, "description": "All ended."}},
)
async def submit_batch(
    request: Request,
    state: StateDep,
    hub: HubDep,
    caller: CallerDep,
    wait_seconds: WaitSeconds,
) -> Response:
    """Accept a batch. With ``Prefer: wait=N`` answer at its end, if that is soon."""
    return await answer_submission(
        request,
        BatchSubmission,
        resolve_batch,
        family_view,
        state=state,
        hub=hub,
        caller=caller,
        wait_seconds=wait_seconds,
    )


@router.get("/{job_id}")
def get_batch(state: StateDep, job_id: JobId) -> FamilyView:
    """Look at a batch: how many of its items are in which state."""
    require_kind(state.backplane, job_id, BATCH.name)
    view, _ = load_job(state.backplane, job_id)
    shown = family_view(view)
    shown.rejected = rejected_items(state.backplane, job_id)
    return shown


@router.get("/{job_id}/results", response_class=StreamingResponse, responses=LINES)
def get_results(
    state: StateDep,
    hub: HubDep,
    job_id: JobId,
    follow: Annotated[bool, Query(description="Go on until all have ended.")] = False,
) -> StreamingResponse:
    """Return a line of JSON for every item that has ended, by index."""
    refuse_if_removed(require_kind(state.backplane, job_id, BATCH.name))
    lines = results(state, hub, job_id, follow=follow)
    return StreamingResponse(lines, media_type=NDJSON)


@router.post("/{job_id}/cancel", status_code=HTTPStatus.ACCEPTED)
def cancel_batch(state: StateDep, job_id: JobId) -> FamilyView:
    """Stop all items that have not ended; those that run keep their incumbents."""
    require_kind(state.backplane, job_id, BATCH.name)
    cancel(state.backplane, job_id)
    return family_view(load_job(state.backplane, job_id)[0])
