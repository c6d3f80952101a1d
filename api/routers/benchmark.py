"""/benchmark: a benchmark of one instance in the words of the QAP server."""

from collections.abc import Sequence
from contextlib import suppress
from statistics import fmean

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.averages import SHORTEST_SECONDS
from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, HubDep, JobId, StateDep
from api.family_views import require_kind
from api.openapi import body_of
from api.qap_problems import resolve_comparison
from api.schemas.benchmark import (
    BenchmarkInput,
    BenchmarkView,
    MethodStatistics,
    RunView,
)
from api.solutions import WORDS, plain_number
from api.state import ApiState
from api.submit import submit
from api.waiting import wait_for_end
from db.contracts.errors import NotFoundError, WaitTimeoutError
from db.contracts.event import timestamp
from db.contracts.job_state import JobState
from db.contracts.kinds.benchmark import BENCHMARK, BenchmarkRequest, Subject
from db.contracts.kinds.solve import Number
from db.contracts.quality import quality_of
from db.models import Job
from db.repositories import families, instances
from db.repositories.families import Measured

router = APIRouter(tags=["solve"])

WHOLE_SECONDS = 600.0
"""How long all runs together may take while somebody waits; they go on after that."""


@router.post("/benchmark", openapi_extra=body_of(BenchmarkInput))
async def run_benchmark(
    request: Request, state: StateDep, hub: HubDep, caller: CallerDep
) -> BenchmarkView:
    """Run methods on one instance, and answer with how well they did."""
    require_json(request)
    body = await read_body(request, state.settings)

    def accept() -> Job:
        proposal = resolve_comparison(state, parse(BenchmarkInput, body), caller=caller)
        state.breakers.engine.join()
        return submit(state, proposal, caller=caller)

    job = await run_in_threadpool(accept)
    view = await wait_for_end(
        request, state=state, hub=hub, job_id=job.id, seconds=WHOLE_SECONDS
    )
    if not view.state.is_final:
        raise WaitTimeoutError(
            f"not done within {WHOLE_SECONDS:g} s; it goes on as {job.id}",
            suggestion=f"Ask GET /benchmark/{job.id}.",
        )
    return await run_in_threadpool(_load, state, job.id)


@router.get("/benchmark/{job_id}")
def get_benchmark(state: StateDep, job_id: JobId) -> BenchmarkView:
    """Return a benchmark: what its runs that have ended show."""
    return _load(state, job_id)


def _load(state: ApiState, job_id: str) -> BenchmarkView:
    job = require_kind(state.backplane, job_id, BENCHMARK.name)
    request = BenchmarkRequest.model_validate_json(job.request)
    if len(request.instances) > 1:
        raise NotFoundError(
            f"{job_id} compares methods on several instances",
            suggestion=f"See /v1/benchmarks/{job_id}/report.",
        )
    with state.backplane.database.reading() as connection:
        ended = families.measured_children(connection, job_id)
        name = _name(connection, *request.instances)
    (subject,) = request.instances
    found = [
        (child, child.objective)
        for child in ended
        if child.state is JobState.SUCCEEDED and child.objective is not None
    ]
    best_known = subject.best_known
    if best_known is None and found:
        best_known = plain_number(min(objective for _, objective in found))
    runs = [_run(request, *each, best_known) for each in found]
    methods = [contender.label for contender in request.contenders]
    return BenchmarkView(
        benchmark_id=job.id,
        instance=name,
        methods=methods,
        num_runs=len(request.seeds),
        best_known=best_known,
        results=sorted(runs, key=lambda run: (methods.index(run.method), run.run)),
        failed_runs=len(ended) - len(runs),
        statistics={
            method: _statistics(mine)
            for method in methods
            if (mine := [run for run in runs if run.method == method])
        },
        timestamp=timestamp(job.finished_at or job.created_at),
        status=WORDS[JobState(job.state)],
    )


def _name(connection: Connection, subject: Subject) -> str:
    """Return what the caller called it; made instances are stored by their names."""
    if subject.name is None:
        with suppress(NotFoundError):
            stored = instances.get_instance(connection, subject.sha256)
            return stored.name or subject.label
    return subject.label


def _run(
    request: BenchmarkRequest,
    child: Measured,
    objective: float,
    best_known: Number | None,
) -> RunView:
    _, contender, seed = request.run(child.position)
    quality = quality_of(objective, best_known)
    assert quality is not None, "where a run has an objective there is a best one"
    return RunView(
        method=contender.label,
        run=request.seeds.index(seed) + 1,
        quality=quality,
        runtime_seconds=max(child.elapsed_s or 0.0, SHORTEST_SECONDS),
        gap_percent=_gap_percent(objective, best_known or 0),
        objective_value=plain_number(objective),
        iterations=child.iterations or 0,
    )


def _gap_percent(objective: float, best_known: Number) -> float | None:
    if objective == best_known:
        return 0.0
    return 100 * (objective - best_known) / abs(best_known) if best_known else None


def _statistics(runs: Sequence[RunView]) -> MethodStatistics:
    qualities = [run.quality for run in runs]
    return MethodStatistics(
        avg_quality=fmean(qualities),
        min_quality=min(qualities),
        max_quality=max(qualities),
        avg_runtime=fmean(run.runtime_seconds for run in runs),
        total_runs=len(runs),
    )
