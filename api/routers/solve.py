"""/solve, /solve-async, /solve/{id}/status: jobs in the words of the QAP server."""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool

from api import waiting
from api.body import parse, read_body, require_json
from api.dependencies import JOB_ID, CallerDep, HubDep, StateDep
from api.guard.engine import Passage
from api.openapi import body_of
from api.ownership import require_job
from api.qap_problems import resolve_problem
from api.schemas.job import JobView
from api.schemas.solve import Accepted, ProblemInput, Solution, Status
from api.solutions import WORDS, solution_of
from api.state import ApiState
from api.submit import submit
from api.views import load_job
from api.waiting import THE_END, wait_until
from db.acceptance import Webhook
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError, ServiceError, WaitTimeoutError
from db.models import Job
from db.repositories import families

router = APIRouter(tags=["solve"])

_ITEM = re.compile(rf"({JOB_ID.pattern})-([0-9]{{1,5}})")


@router.post("/solve", openapi_extra=body_of(ProblemInput))
async def solve(
    request: Request, state: StateDep, hub: HubDep, caller: CallerDep
) -> Solution:
    """Solve, and answer with the solution."""
    passage = Passage(state.breakers.engine)
    given, accept = await _read(request, state, caller, passage.enter)
    try:
        job, _ = await run_in_threadpool(accept)
    except ServiceError:
        await passage.give_back()
        raise
    view, _ = await wait_until(
        THE_END,
        request,
        state=state,
        hub=hub,
        job_id=job.id,
        seconds=given.timeout_seconds + waiting.ANSWER_SECONDS,
    )
    await passage.leave(request, view)
    if not view.state.is_final:
        raise WaitTimeoutError(
            f"not solved within {given.timeout_seconds:g} s; it goes on as {job.id}"
        )
    return solution_of(view)


@router.post("/solve-async", openapi_extra=body_of(ProblemInput))
async def solve_async(request: Request, state: StateDep, caller: CallerDep) -> Accepted:
    """Accept the problem; ask for its status, or be called back."""
    _, accept = await _read(request, state, caller, state.breakers.engine.join)
    job, webhook = await run_in_threadpool(accept)
    return Accepted(
        request_id=job.id,
        status="queued",
        poll_url=f"/solve/{job.id}/status",
        webhook_configured=webhook is not None,
        webhook_secret=webhook.secret if webhook else None,
    )


@router.get("/solve/{job_id}/status")
def get_status(
    state: StateDep,
    caller: CallerDep,
    job_id: Annotated[
        str,
        Path(description="As given; a batch and a number too.", max_length=110),
    ],
) -> Status:
    """Say how far the problem is."""
    view, _ = load_job(state.backplane, _solve_id(state, job_id, caller))
    if view.instance is None:
        raise NotFoundError(
            f"{job_id} is a {view.kind}, not a solve",
            suggestion=f"See /v1/jobs/{view.id}; an item of a batch is {view.id}-0.",
        )
    return Status(
        request_id=job_id,
        status=WORDS[view.state],
        created_at=view.created_at,
        progress=_percent(view),
        method=view.method,
        problem_size=view.instance.order,
        result=solution_of(view, request_id=job_id) if view.state.is_final else None,
        error=None if view.error is None else view.error.model_dump(),
    )


def _solve_id(state: ApiState, given: str, caller: Caller) -> str:
    """Return the job's id; ``<batch>-<number>`` is the batch's child.

    Raises NotFoundError where the caller has no such job.
    """
    if JOB_ID.fullmatch(given):
        require_job(state.backplane, caller, given)
        return given
    item = _ITEM.fullmatch(given)
    if item is not None:
        require_job(state.backplane, caller, item[1])
        with state.backplane.database.reading() as connection:
            found = families.children_at(connection, item[1], [int(item[2])])
        if found:
            return found[0].id
    raise NotFoundError("there is no such solve")


async def _read(
    request: Request, state: StateDep, caller: Caller, enter: Callable[[], object]
) -> tuple[ProblemInput, Callable[[], tuple[Job, Webhook | None]]]:
    require_json(request)
    body = await read_body(request, state.settings)
    given = await run_in_threadpool(parse, ProblemInput, body)

    def accept() -> tuple[Job, Webhook | None]:
        proposal = resolve_problem(state, given, caller=caller)
        enter()
        return submit(state, proposal, caller=caller), proposal.webhook

    return given, accept


def _percent(view: JobView) -> float:
    if view.state.is_final:
        return 100.0
    told, limits = view.progress, view.limits
    if told is None or limits is None:
        return 0.0
    shares = [
        used / limit
        for used, limit in (
            (told.iterations or 0, limits.iterations),
            (told.elapsed_s or 0.0, limits.time_s),
        )
        if limit
    ]
    return round(100 * min(max(shares, default=0.0), 1.0), 1)
