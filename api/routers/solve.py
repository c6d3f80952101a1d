"""/solve, /solve-async, /solve/{id}/status: jobs in the words of the QAP server."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, HubDep, JobId, StateDep
from api.instances import pointing
from api.openapi import body_of
from api.schemas.job import JobView
from api.schemas.solve import Accepted, ProblemInput, Solution, Status
from api.submit import resolve_solve, submit
from api.views import load_job
from api.waiting import THE_END, wait_until
from db.acceptance import Webhook
from db.contracts.caller import Caller
from db.contracts.errors import WaitTimeoutError
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import SolveResult
from db.models import Job

router = APIRouter(tags=["solve"])

ANSWER_SECONDS = 5.0
"""How long after its time limit a solve may take to answer."""
SHORTEST_SECONDS = 1e-6
WORDS = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "completed",
    JobState.CANCELLED: "failed",
    JobState.FAILED: "failed",
    JobState.EXPIRED: "failed",
}


@router.post("/solve", openapi_extra=body_of(ProblemInput))
async def solve(
    request: Request, state: StateDep, hub: HubDep, caller: CallerDep
) -> Solution:
    """Solve, and answer with the solution."""
    given, accept = await _read(request, state, caller)
    job, _ = await run_in_threadpool(accept)
    view, _ = await wait_until(
        THE_END,
        request,
        state=state,
        hub=hub,
        job_id=job.id,
        seconds=given.timeout_seconds + ANSWER_SECONDS,
    )
    if not view.state.is_final:
        raise WaitTimeoutError(
            f"not solved within {given.timeout_seconds:g} s; it goes on as {job.id}"
        )
    return _solution(view)


@router.post("/solve-async", openapi_extra=body_of(ProblemInput))
async def solve_async(request: Request, state: StateDep, caller: CallerDep) -> Accepted:
    """Accept the problem; ask for its status, or be called back."""
    _, accept = await _read(request, state, caller)
    job, webhook = await run_in_threadpool(accept)
    return Accepted(
        request_id=job.id,
        status="queued",
        poll_url=f"/solve/{job.id}/status",
        webhook_configured=webhook is not None,
        webhook_secret=webhook.secret if webhook else None,
    )


@router.get("/solve/{job_id}/status")
def get_status(state: StateDep, job_id: JobId) -> Status:
    """Say how far the problem is."""
    view, _ = load_job(state.backplane, job_id)
    return Status(
        request_id=view.id,
        status=WORDS[view.state],
        created_at=view.created_at,
        progress=_percent(view),
        method=view.method,
        problem_size=view.instance.order if view.instance else 0,
        result=_solution(view) if view.state.is_final else None,
        error=None if view.error is None else view.error.model_dump(),
    )


async def _read(
    request: Request, state: StateDep, caller: Caller
) -> tuple[ProblemInput, Callable[[], tuple[Job, Webhook | None]]]:
    require_json(request)
    body = await read_body(request, state.settings)
    given = await run_in_threadpool(parse, ProblemInput, body)

    def accept() -> tuple[Job, Webhook | None]:
        with pointing(
            flow="#/flow_matrix",
            distance="#/problem_matrix",
            costs="#/problem_matrix",
            instance="#",
        ):
            proposal = resolve_solve(state, given.submission(), caller=caller)
            return submit(state, proposal, caller=caller), proposal.webhook

    return given, accept


def _solution(view: JobView) -> Solution:
    result = view.result
    assert result is None or isinstance(result, SolveResult)
    common = {
        "request_id": view.id,
        "status": WORDS[view.state],
        "problem_size": view.instance.order if view.instance else 0,
        "timestamp": view.finished_at or view.created_at,
        "cached": view.cached_from is not None,
        "error": None if view.error is None else view.error.model_dump(),
    }
    if result is None:
        return Solution(method=view.method, runtime_seconds=SHORTEST_SECONDS, **common)
    gap = result.gap_to_best_known
    gap = result.gap_to_bound if gap is None else gap
    return Solution(
        method=result.method,
        best_solution=result.permutation,
        objective_value=result.objective,
        iterations_completed=result.iterations,
        runtime_seconds=max(result.elapsed_s, SHORTEST_SECONDS),
        gap_percent=None if gap is None else 100 * gap,
        performance_metrics=_metrics(view, result),
        **common,
    )


def _metrics(view: JobView, result: SolveResult) -> dict[str, Any]:
    return {
        "termination": result.termination,
        "bound": result.bound,
        "bound_name": result.bound_name,
        "attempts": view.attempt,
    }


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
