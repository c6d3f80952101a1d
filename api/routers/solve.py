"""/solve, /solve-async, /solve/{id}/status: jobs in the words of the QAP server."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, HubDep, StateDep
from api.guard.engine import Passage
from api.openapi import body_of
from api.ownership import JOBS
from api.qap_problems import resolve_problem
from api.schemas.job import JobView
from api.schemas.solve import Accepted, ProblemInput, Solution, Status
from api.solutions import WORDS, percent_of, solution_of
from api.state import ApiState
from api.submit import answer_or_submit, submit
from api.views import accepted_job, load_job
from api.waiting import wait_for_end
from db.acceptance import Webhook
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError, ServiceError, WaitTimeoutError
from db.contracts.job_state import JobState
from db.models import Job
from db.repositories import families

router = APIRouter(tags=["solve"])

_ITEM = re.compile(rf"({JOBS.id_form.pattern})-([0-9]{{1,5}})")


@dataclass(frozen=True, slots=True)
class _Taken:
    """A problem that was accepted."""

    given: ProblemInput
    job: Job
    webhook: Webhook | None
    done: JobView | None
    """Its end, where equal work was done lately."""
    is_known: bool
    """Whether that is the answer that was given before, and nothing was accepted."""


@router.post("/solve", response_model=Solution, openapi_extra=body_of(ProblemInput))
async def solve(
    request: Request, state: StateDep, hub: HubDep, caller: CallerDep
) -> Response:
    """Solve, and answer with the solution."""
    passage = Passage(state.breakers.engine)
    try:
        taken = await _take(request, state, caller, passage.enter, may_be_known=True)
    except ServiceError:
        await passage.give_back()
        raise
    view, seconds = taken.done, taken.given.timeout_seconds
    if view is None:
        view = await wait_for_end(
            request, state=state, hub=hub, job_id=taken.job.id, seconds=seconds
        )
    if taken.is_known:
        await passage.give_back()
    else:
        await passage.leave(request, view)
    if not view.state.is_final:
        raise WaitTimeoutError(
            f"not solved within {seconds:g} s; it goes on as {view.id}"
        )
    # Validated as it was made: not once more, by the framework.
    text = solution_of(view, is_known=taken.is_known).model_dump_json()
    return Response(text, media_type="application/json")


@router.post("/solve-async", openapi_extra=body_of(ProblemInput))
async def solve_async(request: Request, state: StateDep, caller: CallerDep) -> Accepted:
    """Accept the problem; ask for its status, or be called back."""
    taken = await _take(request, state, caller, state.breakers.engine.join)
    webhook = taken.webhook
    return Accepted(
        request_id=taken.job.id,
        status="queued",
        poll_url=f"/solve/{taken.job.id}/status",
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
        progress=percent_of(view),
        method=view.method,
        problem_size=view.instance.order,
        result=solution_of(view, request_id=job_id) if view.state.is_final else None,
        error=None if view.error is None else view.error.model_dump(),
    )


def _solve_id(state: ApiState, given: str, caller: Caller) -> str:
    """Return the job's id; ``<batch>-<number>`` is the batch's child.

    Raises NotFoundError where the caller has no such job.
    """
    if JOBS.id_form.fullmatch(given):
        JOBS.require(state.backplane, caller, given)
        return given
    item = _ITEM.fullmatch(given)
    if item is not None:
        JOBS.require(state.backplane, caller, item[1])
        with state.backplane.database.reading() as connection:
            found = families.children_at(connection, item[1], [int(item[2])])
        if found:
            return found[0].id
    raise NotFoundError("there is no such solve")


async def _take(
    request: Request,
    state: StateDep,
    caller: Caller,
    enter: Callable[[], object],
    *,
    may_be_known: bool = False,
) -> _Taken:
    """Accept the problem in the body; ``enter`` is called when it is known to be one.

    All in one thread: each change of threads costs as much as a query.
    """
    require_json(request)
    body = await read_body(request, state.settings)

    def take() -> _Taken:
        given = parse(ProblemInput, body)
        proposal = resolve_problem(state, given, caller=caller)
        enter()
        if may_be_known and proposal.webhook is None:
            job, is_known = answer_or_submit(state, proposal, caller=caller)
        else:
            # A caller who is told of an end is told of a job of its own.
            job, is_known = submit(state, proposal, caller=caller), False
        is_done = JobState(job.state).is_final
        done = accepted_job(job, None)[0] if is_done else None
        return _Taken(given, job, proposal.webhook, done, is_known)

    return await run_in_threadpool(take)
