"""/v1/jobs: submit, list, look, wait, cancel."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from api.actions import cancel
from api.dependencies import CallerDep, HubDep, JobId, StateDep, WaitSeconds
from api.openapi import submission_of
from api.ownership import JOBS
from api.paging import next_after, read_cursor
from api.schemas.calculation import OutcomeView
from api.schemas.job import JobPage, JobView, ResultView, SolveSubmission
from api.schemas.schedule import Instant
from api.solving import resolve_solve
from api.submission import POLL_AFTER_SECONDS, SubmittingDep
from api.views import list_views, load_job, load_result
from api.waiting import Wish, wait_until
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Sha256
from db.repositories import jobs
from db.repositories.jobs import JobFilter

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

Loaded = tuple[JobView, str]


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobView,
    openapi_extra=submission_of(SolveSubmission),
    responses={HTTPStatus.CREATED: {"model": JobView, "description": "It has ended."}},
)
async def submit_job(submitting: SubmittingDep) -> Response:
    """Accept a job. With ``Prefer: wait=N`` answer when it ends, if it does so soon."""
    return await submitting.answer(SolveSubmission, resolve_solve, lambda view: view)


@router.get("", response_model=JobPage)
def list_jobs(
    state_: StateDep,
    caller: CallerDep,
    state: Annotated[list[JobState] | None, Query(max_length=6)] = None,
    kind: Annotated[str | None, Query(max_length=64, pattern=r"^\w+$")] = None,
    method: Annotated[str | None, Query(max_length=64, pattern=r"^\w+$")] = None,
    instance: Annotated[Sha256 | None, Query()] = None,
    parent: Annotated[str | None, Query(pattern=JOBS.id_form.pattern)] = None,
    created_after: Annotated[Instant | None, Query()] = None,
    created_before: Annotated[Instant | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List jobs, newest first. ``next`` of a page is ``after`` of the one behind it.

    Jobs that are part of another one are listed with its id as ``parent``.
    """
    chosen = JobFilter(
        caller=caller.sees_of,
        states=tuple(state or ()),
        kind=kind,
        method=method,
        instance_sha256=instance,
        parent_id=parent,
        created_after=created_after,
        created_before=created_before,
    )
    cursor = read_cursor(after, JOBS.id_form)
    backplane = state_.backplane
    with backplane.database.reading() as connection:
        found = jobs.list_jobs(connection, chosen, after=cursor, limit=limit + 1)
    shown = found[:limit]
    page = JobPage(
        items=list_views(backplane, shown),
        next=next_after(found, limit),
    )
    # Validated already: not once more, by the framework, for each of the jobs.
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/{job_id}",
    response_model=JobView,
    responses={HTTPStatus.NOT_MODIFIED: {"description": "Nothing has moved."}},
)
async def get_job(
    request: Request,
    state: StateDep,
    hub: HubDep,
    job_id: JobId,
    wait_seconds: WaitSeconds,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Look at a job. With ``If-None-Match`` and ``Prefer: wait=N`` wait for news."""
    known = _tags(if_none_match)
    view, tag = await wait_until(
        Wish(is_granted=lambda seen: seen[1] not in known or seen[0].state.is_final),
        request,
        state=state,
        hub=hub,
        job_id=job_id,
        seconds=wait_seconds,
    )
    is_known = tag in known
    return _answer(
        view, tag, status=HTTPStatus.NOT_MODIFIED if is_known else HTTPStatus.OK
    )


@router.get(
    "/{job_id}/result",
    response_model=ResultView | OutcomeView,
    responses={HTTPStatus.NO_CONTENT: {"description": "There is none yet."}},
)
def get_result(state: StateDep, job_id: JobId) -> ResultView | OutcomeView | Response:
    """Return the result, or while the job runs the best so far."""
    result = load_result(state.backplane, job_id)
    return Response(status_code=HTTPStatus.NO_CONTENT) if result is None else result


@router.post(
    "/{job_id}/cancel",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobView,
    responses={HTTPStatus.OK: {"model": JobView, "description": "It is cancelled."}},
)
def cancel_job(response: Response, state: StateDep, job_id: JobId) -> JobView:
    """Ask the job to stop; it keeps its incumbent. Asking again is harmless."""
    cancel(state.backplane, job_id)
    view, tag = load_job(state.backplane, job_id)
    response.headers["ETag"] = tag
    if view.state.is_final:
        response.status_code = HTTPStatus.OK
    return view


def _answer(
    view: JobView,
    tag: str,
    *,
    status: HTTPStatus,
) -> Response:
    """Return the job as JSON; it is validated already, so not once more."""
    answer_headers = {"ETag": tag}
    if not view.state.is_final:
        answer_headers["Retry-After"] = POLL_AFTER_SECONDS
    if status is HTTPStatus.NOT_MODIFIED:
        return Response(status_code=status, headers=answer_headers)
    return Response(
        view.model_dump_json(),
        status,
        media_type="application/json",
        headers=answer_headers,
    )


def _tags(if_none_match: str | None) -> set[str]:
    """Return the tags of the header; they compare weakly (RFC 9110, 13.1.2)."""
    listed = (part.strip() for part in (if_none_match or "").split(","))
    return {tag if tag.startswith("W/") else f"W/{tag}" for tag in listed if tag}
