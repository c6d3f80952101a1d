"""/v1/jobs/actions, /v1/jobs/{id}/rerun and the like: what is done with jobs."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.actions import delete
from api.body import parse, read_body, require_json
from api.bulk import act
from api.dependencies import CallerDep, JobId, StateDep
from api.openapi import body_of, submission_of
from api.repeating import resolve_reproduction, resolve_rerun
from api.schemas.action import ActionInput, ActionView, ReproduceInput, RerunInput
from api.schemas.job import JobView
from api.state import ApiState
from api.submission import SubmittingDep
from api.submit import Proposal
from db.contracts.caller import Caller

router = APIRouter(prefix="/v1/jobs", tags=["actions"])

AS_IT_WAS = b"{}"
"""What an empty body stands for: change nothing."""


@router.post(
    "/actions",
    status_code=HTTPStatus.ACCEPTED,
    response_model=ActionView,
    openapi_extra=body_of(ActionInput),
)
async def act_on_jobs(
    request: Request, state: StateDep, caller: CallerDep
) -> ActionView:
    """Cancel, rerun or delete up to 1000 jobs; with ``dry_run`` only tell of it."""
    require_json(request)
    body = await read_body(request, state.settings)

    def do() -> ActionView:
        return act(state, parse(ActionInput, body), caller=caller)

    return await run_in_threadpool(do)


@router.post(
    "/{job_id}/rerun",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobView,
    openapi_extra=submission_of(RerunInput, is_required=False),
    responses={HTTPStatus.CREATED: {"model": JobView, "description": "It has ended."}},
)
async def rerun_job(submitting: SubmittingDep, job_id: JobId) -> Response:
    """Send an ended solve again, with a new seed and whatever the body changes."""

    def resolve(state: ApiState, changes: RerunInput, *, caller: Caller) -> Proposal:
        return resolve_rerun(state, job_id, changes, caller=caller)

    return await submitting.answer(
        RerunInput, resolve, lambda view: view, nothing=AS_IT_WAS
    )


@router.post(
    "/{job_id}/reproduce",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobView,
    openapi_extra=submission_of(ReproduceInput, is_required=False),
    responses={HTTPStatus.CREATED: {"model": JobView, "description": "It has ended."}},
)
async def reproduce_job(submitting: SubmittingDep, job_id: JobId) -> Response:
    """Repeat a run exactly; its result's ``reproduction`` says whether it matches."""

    def resolve(state: ApiState, changes: ReproduceInput, **_: Caller) -> Proposal:
        return resolve_reproduction(state, job_id, changes)

    return await submitting.answer(
        ReproduceInput, resolve, lambda view: view, nothing=AS_IT_WAS
    )


@router.delete("/{job_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_job(state: StateDep, job_id: JobId) -> None:
    """Forget an ended job: its record, result, events and children."""
    delete(state.backplane, job_id)
