"""/v1/batches: many solves under one job."""

from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.dependencies import HubDep, JobId, StateDep
from api.families import resolve_batch
from api.family_views import (
    LINES,
    Follow,
    batch_view,
    cancel_family,
    family_view,
    stream_results,
)
from api.openapi import submission_of
from api.schemas.family import BatchSubmission, FamilyView
from api.submission import SubmittingDep
from db.contracts.kinds.batch import BATCH

router = APIRouter(prefix="/v1/batches", tags=["batches"])


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=FamilyView,
    openapi_extra=submission_of(BatchSubmission),
    responses={HTTPStatus.CREATED: {"model": FamilyView, "description": "All ended."}},
)
async def submit_batch(submitting: SubmittingDep) -> Response:
    """Accept a batch. With ``Prefer: wait=N`` answer at its end, if that is soon."""
    return await submitting.answer(BatchSubmission, resolve_batch, family_view)


@router.get("/{job_id}")
def get_batch(state: StateDep, job_id: JobId) -> FamilyView:
    """Look at a batch: how many of its items are in which state."""
    return batch_view(state.backplane, job_id)


@router.get("/{job_id}/results", response_class=StreamingResponse, responses=LINES)
def get_results(
    state: StateDep,
    hub: HubDep,
    job_id: JobId,
    follow: Follow = False,
) -> StreamingResponse:
    """Return a line of JSON for every item that has ended, by index."""
    return stream_results(state, hub, job_id, BATCH.name, follow=follow)


@router.post("/{job_id}/cancel", status_code=HTTPStatus.ACCEPTED)
def cancel_batch(state: StateDep, job_id: JobId) -> FamilyView:
    """Stop all items that have not ended; those that run keep their incumbents."""
    return cancel_family(state, job_id, BATCH.name)
