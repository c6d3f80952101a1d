"""Jobs in the words of the QAP server: its statuses, its fields, its numbers."""

from typing import Any

from api.averages import SHORTEST_SECONDS
from api.schemas.job import JobView
from api.schemas.solve import Solution
from db.contracts.errors import ErrorRecord
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Limits, SolveResult

WORDS = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "completed",
    JobState.CANCELLED: "failed",
    JobState.FAILED: "failed",
    JobState.EXPIRED: "failed",
}


def solution_of(
    view: JobView, *, request_id: str | None = None, is_known: bool = False
) -> Solution:
    """Return how the solve ended, under its id or as part of something else's.

    With ``is_known`` it is told once more, to one who asked for the same.
    """
    result = view.result
    assert result is None or isinstance(result, SolveResult)
    common = {
        "request_id": request_id or view.id,
        "status": WORDS[view.state],
        "problem_size": view.instance.order if view.instance else 0,
        "timestamp": view.finished_at or view.created_at,
        "cached": is_known or view.cached_from is not None,
        "error": _why(view),
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


def percent_of(view: JobView) -> float:
    """Return how much of its budget a job has used up; an ended one, all of it."""
    if view.state.is_final:
        return 100.0
    told, limits = view.progress, view.limits
    if told is not None and told.fraction is not None:
        return round(100 * told.fraction, 1)
    if told is None or limits is None:
        return 0.0
    return percent_used(limits, told.iterations or 0, told.elapsed_s or 0.0)


def percent_used(limits: Limits, iterations: int, elapsed_s: float) -> float:
    """Return how much of what it may take a run has taken."""
    shares = [
        used / limit
        for used, limit in ((iterations, limits.iterations), (elapsed_s, limits.time_s))
        if limit
    ]
    return round(100 * min(max(shares, default=0.0), 1.0), 1)


def plain_number(value: float) -> int | float:
    """Return 578 for 578.0: objectives of integers are integers."""
    return int(value) if float(value).is_integer() else value


def not_run(state: JobState) -> ErrorRecord:
    """Return why there is nothing, where no error says so."""
    return ErrorRecord(
        code=state.value,
        message=f"it was {state}"
        if state is JobState.CANCELLED
        else f"it has {state}, before its end",
        suggestion="Send it again.",
        retryable=False,
    )


def _why(view: JobView) -> dict[str, Any] | None:
    if view.error is not None:
        return view.error.model_dump()
    if view.state in (JobState.CANCELLED, JobState.EXPIRED):
        return not_run(view.state).model_dump()
    return None


def _metrics(view: JobView, result: SolveResult) -> dict[str, Any]:
    return {
        "termination": result.termination,
        "bound": result.bound,
        "bound_name": result.bound_name,
        "attempts": view.attempt,
    }
