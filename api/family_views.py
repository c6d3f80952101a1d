"""Batches and benchmarks as callers see them."""

from collections.abc import AsyncGenerator
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.actions import cancel
from api.relay.hub import Hub
from api.relay.news import News
from api.schemas.family import (
    FamilyLinks,
    FamilyView,
    ItemResult,
    RejectedView,
    ReportView,
)
from api.schemas.job import JobView
from api.state import ApiState
from api.views import load_job, refuse_if_removed
from db.backplane import Backplane
from db.contracts.errors import ErrorRecord, NotFoundError
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds.batch import BATCH, Rejected
from db.contracts.kinds.benchmark import BENCHMARK, BenchmarkResult, Report
from db.contracts.kinds.solve import SolveResult
from db.models import Job
from db.repositories import families, jobs
from db.repositories.families import ChildRow

NDJSON = "application/x-ndjson"
LINES: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK: {"content": {NDJSON: {"schema": {"type": "string"}}}}
}
Follow = Annotated[bool, Query(description="Go on until all have ended.")]
PLURALS = {BATCH.name: "batches", BENCHMARK.name: "benchmarks"}
PAGE = 200
GLANCE_SECONDS = 1.0


def family_view(view: JobView) -> FamilyView:
    """Return what a job's view says of a batch or benchmark, in its own words."""
    assert view.counts is not None
    path = f"/v1/{PLURALS[view.kind]}/{view.id}"
    result = view.result
    told = (
        {}
        if result is None
        else result.model_dump(
            include={"elapsed_s", "solving_s", "cached", "termination"}
        )
    )
    return FamilyView(
        id=view.id,
        kind=view.kind,
        state=view.state,
        created_at=view.created_at,
        started_at=view.started_at,
        finished_at=view.finished_at,
        counts=view.counts,
        error=view.error,
        webhook=view.webhook,
        links=FamilyLinks(
            self=path,
            job=view.links.self,
            events=view.links.events,
            cancel=f"{path}/cancel",
            children=f"/v1/jobs?parent={view.id}",
            results=f"{path}/results",
            report=f"{path}/report" if view.kind == BENCHMARK.name else None,
        ),
        **told,
    )


class _LeftOut(BaseModel):
    """Of a batch's request, which may fill megabytes, the part that is shown."""

    rejected: list[Rejected]


def batch_view(backplane: Backplane, job_id: str) -> FamilyView:
    """Return a batch, with the items that were left out."""
    view, _ = load_job(backplane, job_id)
    _refuse_other(job_id, view.kind, BATCH.name)
    shown = family_view(view)
    with backplane.database.reading() as connection:
        text = families.request_of(connection, job_id)
    shown.rejected = [
        RejectedView(index=each.index, errors=each.problems)
        for each in _LeftOut.model_validate_json(text).rejected
    ]
    return shown


def require_kind(backplane: Backplane, job_id: str, kind: str) -> Job:
    """Return the job, with all its columns; raise NotFoundError if of another kind."""
    with backplane.database.reading() as connection:
        job = jobs.get_job(connection, job_id, whole=True)
    _refuse_other(job_id, job.kind, kind)
    return job


def _refuse_other(job_id: str, kind: str, wanted: str) -> None:
    if kind != wanted:
        raise NotFoundError(
            f"{job_id} is a {kind}, not a {wanted}",
            suggestion=f"See /v1/jobs/{job_id}.",
        )


def report_view(job: Job) -> ReportView:
    """Return a benchmark's report: the last one made, or the final one."""
    refuse_if_removed(job)
    if job.result is not None:
        report = BenchmarkResult.model_validate_json(job.result).report
    elif job.checkpoint is not None:
        report = Report.model_validate_json(job.checkpoint)
    else:
        report = Report.nothing_yet(job.children or 0)
    state = JobState(job.state)
    return ReportView(final=job.result is not None, state=state, report=report)


def stream_results(
    state: ApiState, hub: Hub, job_id: str, kind: str, *, follow: bool
) -> StreamingResponse:
    """Return what has ended, a line each; with ``follow`` also what ends later."""
    refuse_if_removed(require_kind(state.backplane, job_id, kind))
    lines = _results(state, hub, job_id, follow=follow)
    return StreamingResponse(lines, media_type=NDJSON)


def cancel_family(state: ApiState, job_id: str, kind: str) -> FamilyView:
    """Ask a batch or benchmark to stop, and look at it."""
    require_kind(state.backplane, job_id, kind)
    cancel(state.backplane, job_id)
    return family_view(load_job(state.backplane, job_id)[0])


async def _results(
    state: ApiState, hub: Hub, job_id: str, *, follow: bool
) -> AsyncGenerator[str]:
    """Yield a line of JSON for every child that has ended.

    With ``follow`` go on with those that end later, until all have.
    """
    told: set[int] = set()
    load = partial(_ended_since, state.backplane, job_id, told)
    news = News()
    with hub.subscribe(job_id, news.hear):
        while True:
            positions, has_ended = await hub.read(load)
            for start in range(0, len(positions), PAGE):
                page = positions[start : start + PAGE]
                lines = await hub.read(partial(_lines, state.backplane, job_id, page))
                yield lines
                told.update(page)
            if has_ended or not follow:
                return
            if not positions:
                await news.came(GLANCE_SECONDS)


def _ended_since(
    backplane: Backplane, job_id: str, told: set[int]
) -> tuple[list[int], bool]:
    """Return which children have ended meanwhile, and whether that is all of them."""
    with backplane.database.reading() as connection:
        # In this order: a parent that has ended has no child that has not.
        has_ended = jobs.get_job(connection, job_id).state in FINAL_STATES
        ended = families.ended_positions(connection, job_id)
    return [position for position in ended if position not in told], has_ended


def _lines(backplane: Backplane, job_id: str, positions: list[int]) -> str:
    with backplane.database.reading() as connection:
        rows = families.children_at(connection, job_id, positions)
    return "".join(item_result(row).model_dump_json() + "\n" for row in rows)


def item_result(row: ChildRow) -> ItemResult:
    """Return one child's end."""
    return ItemResult(
        index=row.position,
        job=row.id,
        state=row.state,
        cached=row.cached_from is not None,
        result=None
        if row.result is None
        else SolveResult.model_validate_json(row.result),
        error=None if row.error is None else ErrorRecord.model_validate_json(row.error),
    )
