"""/v1/jobs: submit, list, look, wait, cancel."""

import base64
import binascii
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import JOB_ID, HubDep, JobId, StateDep, WaitSeconds
from api.instances import invalid
from api.openapi import body_of
from api.relay.hub import Hub
from api.schemas.job import JobPage, JobView, ResultView, SolveSubmission
from api.state import ApiState
from api.submit import submit_solve
from api.views import accepted_job, job_view, load_job, load_result, positions
from db.contracts.delivery import DELIVER_TASK, WEBHOOK_QUEUE
from db.contracts.errors import UnavailableError
from db.contracts.event import Published
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Sha256
from db.repositories import deliveries, jobs
from db.repositories.jobs import Cursor, JobFilter

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

POLL_AFTER_SECONDS = "1"
GLANCE_SECONDS = 1.0
STALE_SECONDS = 5.0
TIMES = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")

Loaded = tuple[JobView, str]


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobView,
    openapi_extra=body_of(SolveSubmission),
    responses={HTTPStatus.CREATED: {"model": JobView, "description": "It has ended."}},
)
async def submit_job(
    request: Request, state: StateDep, hub: HubDep, wait_seconds: WaitSeconds
) -> Response:
    """Accept a job. With ``Prefer: wait=N`` answer when it ends, if it does so soon."""
    require_json(request)
    body = await read_body(request, state.settings)

    job_id = new_id("job")

    async def accept() -> Loaded:
        def submit() -> Loaded:
            submission = parse(SolveSubmission, body)
            return accepted_job(*submit_solve(state, submission, job_id=job_id))

        return await run_in_threadpool(submit)

    view, tag = await wait_until(
        THE_END,
        request,
        state=state,
        hub=hub,
        job_id=job_id,
        seconds=wait_seconds,
        first=accept,
    )
    headers = {"Location": view.links.self}
    if wait_seconds:
        headers["Preference-Applied"] = f"wait={wait_seconds:.0f}"
    status = HTTPStatus.CREATED if view.state.is_final else HTTPStatus.ACCEPTED
    return _answer(view, tag, status=status, headers=headers)


@router.get("")
def list_jobs(
    state_: StateDep,
    state: Annotated[list[JobState] | None, Query(max_length=6)] = None,
    kind: Annotated[str | None, Query(max_length=64, pattern=r"^\w+$")] = None,
    method: Annotated[str | None, Query(max_length=64, pattern=r"^\w+$")] = None,
    instance: Annotated[Sha256 | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPage:
    """List jobs, newest first. ``next`` of a page is ``after`` of the one behind it."""
    chosen = JobFilter(
        states=tuple(state or ()), kind=kind, method=method, instance_sha256=instance
    )
    cursor = None if after is None else _read_cursor(after)
    backplane = state_.backplane
    with backplane.database.reading() as connection:
        found = jobs.list_jobs(connection, chosen, after=cursor, limit=limit + 1)
    shown = found[:limit]
    standing = positions(backplane, [job.id for job in shown]) if shown else []
    return JobPage(
        items=[job_view(job, at) for job, at in zip(shown, standing, strict=True)],
        next=_write_cursor(shown[-1].created_at, shown[-1].id)
        if len(found) > limit
        else "",
    )


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
    response_model=ResultView,
    responses={HTTPStatus.NO_CONTENT: {"description": "There is none yet."}},
)
def get_result(state: StateDep, job_id: JobId) -> ResultView | Response:
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
    backplane = state.backplane
    with backplane.database.transaction() as connection:
        ending = jobs.request_cancel(connection, job_id)
        planned = deliveries.plan_deliveries(connection, ending) if ending else []
    try:
        if ending is None:
            backplane.stream.request_cancel(job_id)
        else:
            backplane.log.publish([ending])
    except UnavailableError:
        # The worker reads the wish from the row; the reconciler tells of the end.
        pass
    for delivery_id in planned:
        backplane.broker.send(DELIVER_TASK, delivery_id, WEBHOOK_QUEUE)
    view, tag = load_job(backplane, job_id)
    response.headers["ETag"] = tag
    if view.state.is_final:
        response.status_code = HTTPStatus.OK
    return view


def _answer(
    view: JobView,
    tag: str,
    *,
    status: HTTPStatus,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the job as JSON; it is validated already, so not once more."""
    answer_headers = {"ETag": tag, **(headers or {})}
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


@dataclass(frozen=True)
class Wish:
    """What a waiting caller wants to see, and which events may bring it."""

    is_granted: Callable[[Loaded], bool]
    concerns: Callable[[Published], bool] = lambda _: True


THE_END = Wish(
    is_granted=lambda seen: seen[0].state.is_final,
    concerns=lambda event: event.type.is_terminal,
)


async def wait_until(
    wish: Wish,
    request: Request,
    *,
    state: ApiState,
    hub: Hub,
    job_id: str,
    seconds: float,
    first: Callable[[], Awaitable[Loaded]] | None = None,
) -> Loaded:
    """Return the job when it is as wished, or as it is when the time is over.

    Or when the client has gone: a long wait must not outlive who waits. ``first``
    gives the first look at the job, which it may even make.
    """
    load = partial(hub.read, partial(load_job, state.backplane, job_id))
    first = first or load
    if not seconds:
        return await first()
    end = time.monotonic() + seconds
    with hub.subscribe(job_id) as subscription:
        # Subscribed before it is looked at: an event in between wakes the loop.
        seen, seen_at = await first(), time.monotonic()
        webhook = seen[0].webhook
        while not wish.is_granted(seen) and (left := end - time.monotonic()) > 0:
            if await request.is_disconnected():
                break
            glance = min(left, GLANCE_SECONDS)
            has_news = await subscription.has_news(glance, wish.concerns)
            # The row may end while the event server is away, and no event comes.
            if has_news or time.monotonic() - seen_at > STALE_SECONDS:
                seen, seen_at = await load(), time.monotonic()
                seen[0].webhook = webhook
    return seen


def _tags(if_none_match: str | None) -> set[str]:
    """Return the tags of the header; they compare weakly (RFC 9110, 13.1.2)."""
    listed = (part.strip() for part in (if_none_match or "").split(","))
    return {tag if tag.startswith("W/") else f"W/{tag}" for tag in listed if tag}


def _write_cursor(created_at: float, job_id: str) -> str:
    return base64.urlsafe_b64encode(f"{created_at!r} {job_id}".encode()).decode()


def _read_cursor(text: str) -> Cursor:
    try:
        decoded = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        decoded = ""
    created_at, _, job_id = decoded.partition(" ")
    # Nothing else may reach the database: no NaN, no NUL.
    if not (TIMES.fullmatch(created_at) and JOB_ID.fullmatch(job_id)):
        raise invalid(
            "#query/after",
            "this is not where a page ended",
            "Use the next of the page before, unchanged.",
        )
    return Cursor(float(created_at), job_id)
