"""/v1/benchmarks: instances by methods by seeds, compared while they run."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from api import csv_text
from api.dependencies import HubDep, JobId, StateDep
from api.families import resolve_benchmark
from api.family_views import (
    LINES,
    Follow,
    cancel_family,
    family_view,
    report_view,
    require_kind,
    stream_results,
)
from api.openapi import submission_of
from api.schemas.family import BenchmarkSubmission, FamilyView, ReportView
from api.submission import SubmittingDep
from api.views import load_job
from db.contracts.kinds.benchmark import BENCHMARK, Cell, Report

router = APIRouter(prefix="/v1/benchmarks", tags=["benchmarks"])
CSV = "text/csv"


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=FamilyView,
    openapi_extra=submission_of(BenchmarkSubmission),
    responses={HTTPStatus.CREATED: {"model": FamilyView, "description": "All ended."}},
)
async def submit_benchmark(submitting: SubmittingDep) -> Response:
    """Accept a benchmark. With ``Prefer: wait=N`` answer at its end, if it is soon."""
    return await submitting.answer(BenchmarkSubmission, resolve_benchmark, family_view)


@router.get("/{job_id}")
def get_benchmark(state: StateDep, job_id: JobId) -> FamilyView:
    """Look at a benchmark: how many of its runs are in which state."""
    require_kind(state.backplane, job_id, BENCHMARK.name)
    return family_view(load_job(state.backplane, job_id)[0])


@router.get(
    "/{job_id}/report",
    response_model=ReportView,
    responses={HTTPStatus.OK: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
def get_report(
    state: StateDep,
    job_id: JobId,
    accept: Annotated[str, Header()] = "application/json",
) -> Response:
    """Return what the runs that have ended show; as CSV one line a cell."""
    view = report_view(require_kind(state.backplane, job_id, BENCHMARK.name))
    if CSV in accept:
        headers = {"Content-Disposition": f'attachment; filename="{job_id}.csv"'}
        return Response(_as_csv(view.report), media_type=CSV, headers=headers)
    return Response(view.model_dump_json(), media_type="application/json")


@router.get("/{job_id}/results", response_class=StreamingResponse, responses=LINES)
def get_results(
    state: StateDep,
    hub: HubDep,
    job_id: JobId,
    follow: Follow = False,
) -> StreamingResponse:
    """Return a line of JSON for every run that has ended."""
    return stream_results(state, hub, job_id, BENCHMARK.name, follow=follow)


@router.post("/{job_id}/cancel", status_code=HTTPStatus.ACCEPTED)
def cancel_benchmark(state: StateDep, job_id: JobId) -> FamilyView:
    """Stop all runs that have not ended; the report tells of those that have."""
    return cancel_family(state, job_id, BENCHMARK.name)


def _as_csv(report: Report) -> str:
    columns = [name for name in Cell.model_fields if name != "times_to_target_s"]
    columns = [
        "instance",
        "contender",
        *sorted(set(columns) - {"instance", "contender"}),
    ]
    rows = [[getattr(cell, name) for name in columns] for cell in report.cells]
    return csv_text.lines([columns, *rows])
