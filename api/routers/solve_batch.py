"""/solve/batch: a batch in the words of the QAP server, answered at its end."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.averages import SHORTEST_SECONDS
from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, HubDep, StateDep
from api.openapi import body_of
from api.qap_problems import resolve_problems
from api.schemas.job import JobView
from api.schemas.solve import ProblemInput, Solution
from api.schemas.solve_batch import ProblemsInput, Solutions
from api.solutions import not_run, solution_of
from api.state import ApiState
from api.submit import submit
from api.views import load_job
from api.waiting import wait_for_end
from db.contracts.errors import WaitTimeoutError
from db.contracts.job_state import JobState
from db.contracts.kinds.batch import BatchResult
from db.models import Job
from db.repositories import families

router = APIRouter(tags=["solve"])


@router.post("/solve/batch", openapi_extra=body_of(ProblemsInput))
async def solve_batch(
    request: Request, state: StateDep, hub: HubDep, caller: CallerDep
) -> Solutions:
    """Solve up to ten problems, and answer with all their solutions."""
    require_json(request)
    body = await read_body(request, state.settings)

    def accept() -> tuple[Job, list[ProblemInput]]:
        proposal, problems = resolve_problems(
            state, parse(ProblemsInput, body), caller=caller
        )
        state.breakers.engine.join()
        return submit(state, proposal, caller=caller), problems

    job, problems = await run_in_threadpool(accept)
    # One worker may have to solve them one after another.
    seconds = sum(problem.timeout_seconds for problem in problems)
    view = await wait_for_end(
        request, state=state, hub=hub, job_id=job.id, seconds=seconds
    )
    if not view.state.is_final:
        raise WaitTimeoutError(
            f"not solved within {seconds:g} s; it goes on as {job.id}",
            suggestion=f"Ask /solve/{job.id}-0/status for the first, and so on.",
        )
    return await run_in_threadpool(_solutions, state, view, problems)


def _solutions(
    state: ApiState, view: JobView, problems: list[ProblemInput]
) -> Solutions:
    places = range(len(problems))
    with state.backplane.database.reading() as connection:
        rows = families.children_at(connection, view.id, places)
    children = {row.position: row.id for row in rows}
    results = []
    for place, problem in enumerate(problems):
        name, child = f"{view.id}-{place}", children.get(place)
        if child is None:
            results.append(_never_made(name, problem, view))
        else:
            solved, _ = load_job(state.backplane, child)
            results.append(_told(solution_of(solved, request_id=name)))
    successful = sum(result["status"] == "completed" for result in results)
    result = view.result
    elapsed_s = result.elapsed_s if isinstance(result, BatchResult) else 0.0
    return Solutions(
        batch_id=view.id,
        total_problems=len(problems),
        successful=successful,
        failed=len(problems) - successful,
        total_runtime_seconds=max(elapsed_s, SHORTEST_SECONDS),
        results=results,
        timestamp=view.finished_at or view.created_at,
    )


def _never_made(name: str, problem: ProblemInput, view: JobView) -> dict[str, Any]:
    """Return a problem whose batch was stopped before its turn came."""
    error = view.error or not_run(JobState.CANCELLED)
    return _told(
        Solution(
            request_id=name,
            status="failed",
            method=problem.method,
            problem_size=len(problem.problem_matrix),
            runtime_seconds=SHORTEST_SECONDS,
            timestamp=view.finished_at or view.created_at,
            error=error.model_dump(),
        )
    )


def _told(solution: Solution) -> dict[str, Any]:
    # Clients ask whether an item has an error, not whether it is null.
    without = {"error"} if solution.error is None else set()
    return solution.model_dump(mode="json", exclude=without)
