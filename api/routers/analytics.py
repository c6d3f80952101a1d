"""/analytics: what solves have come to, as pages, CSV and JSON."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api import csv_text
from api.averages import SHORTEST_SECONDS
from api.dependencies import CallerDep, StateDep
from api.ownership import JOBS
from api.paging import read_cursor, write_cursor
from api.schemas.history import History, HistoryEntry
from api.schemas.schedule import Instant
from api.solutions import WORDS, not_run, plain_number
from api.state import ApiState
from db.contracts.errors import ErrorRecord
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds.solve import Sha256
from db.repositories import history, jobs
from db.repositories.history import KEPT_AT_HAND, EndedSolve, HistoryFilter
from db.repositories.paging import Cursor

router = APIRouter(prefix="/analytics", tags=["analytics"])

PAGE = 500
"""Rows that an export holds at once."""
MAX_EXPORTED = 1_000_000
CSV = "text/csv"
Limit = Annotated[int, Query(ge=1, le=KEPT_AT_HAND)]
ExportLimit = Annotated[int, Query(ge=1, le=MAX_EXPORTED)]


async def _filter(
    caller: CallerDep,
    method: Annotated[str | None, Query(max_length=64, pattern=r"^\w+$")] = None,
    state: Annotated[list[JobState] | None, Query(max_length=6)] = None,
    instance: Annotated[Sha256 | None, Query()] = None,
    parent: Annotated[str | None, Query(pattern=JOBS.id_form.pattern)] = None,
    ended_after: Annotated[Instant | None, Query()] = None,
    ended_before: Annotated[Instant | None, Query()] = None,
) -> HistoryFilter:
    return HistoryFilter(
        caller=caller.sees_of,
        method=method,
        states=tuple(state or FINAL_STATES),
        instance_sha256=instance,
        parent_id=parent,
        ended_after=ended_after,
        ended_before=ended_before,
    )


Chosen = Annotated[HistoryFilter, Depends(_filter)]


@router.get("/history")
def get_history(
    state_: StateDep,
    chosen: Chosen,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 100,
) -> History:
    """List solves that have ended, the last first: alone, or of batches."""
    cursor = read_cursor(after, JOBS.id_form)
    with state_.backplane.database.reading() as connection:
        total = history.count_ended(connection, chosen)
        found = history.list_ended(connection, chosen, after=cursor, limit=limit + 1)
    shown = found[:limit]
    has_more = len(found) > limit
    return History(
        total=total,
        history=[entry(each) for each in shown],
        next=write_cursor(shown[-1].finished_at, shown[-1].id) if has_more else "",
    )


@router.get(
    "/export/csv",
    response_class=StreamingResponse,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
def export_csv(
    state_: StateDep, chosen: Chosen, limit: ExportLimit = KEPT_AT_HAND
) -> StreamingResponse:
    """Download solves that have ended, the last first, a line each."""
    return _attachment(csv_lines(state_, chosen, limit), "history.csv", CSV)


@router.get(
    "/export/json",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def export_json(
    state_: StateDep, chosen: Chosen, limit: ExportLimit = KEPT_AT_HAND
) -> StreamingResponse:
    """Download solves that have ended, the last first: ``total_records``, ``data``."""
    return _attachment(
        json_text(state_, chosen, limit), "history.json", "application/json"
    )


def entry(solve: EndedSolve) -> HistoryEntry:
    """Return an ended solve in the words of the QAP server."""
    ran_s = solve.finished_at - (solve.started_at or solve.finished_at)
    elapsed_s = ran_s if solve.elapsed_s is None else solve.elapsed_s
    return HistoryEntry(
        request_id=solve.id
        if solve.parent_id is None
        else f"{solve.parent_id}-{solve.position}",
        timestamp=timestamp(solve.finished_at),
        method=solve.method,
        problem_size=solve.matrix_order,
        objective_value=None
        if solve.objective is None
        else plain_number(solve.objective),
        runtime_seconds=max(elapsed_s, SHORTEST_SECONDS),
        error=_why(solve),
        status=WORDS[solve.state],
        job_id=solve.id,
        state=solve.state,
        quality=solve.quality,
        gap_percent=None if solve.gap is None else 100 * solve.gap,
        iterations=solve.iterations,
        cached=solve.cached_from is not None,
        instance=solve.instance_sha256,
        created_at=timestamp(solve.created_at),
        started_at=optional_timestamp(solve.started_at),
    )


def _why(solve: EndedSolve) -> str | None:
    if solve.error is not None:
        return ErrorRecord.model_validate_json(solve.error).message
    return None if solve.state is JobState.SUCCEEDED else not_run(solve.state).message


def csv_lines(state: ApiState, chosen: HistoryFilter, limit: int) -> Iterator[str]:
    """Yield the table, some lines at a time."""
    columns = tuple(HistoryEntry.model_fields)
    yield csv_text.lines([columns])
    for page in _pages(state, chosen, limit):
        yield csv_text.lines([getattr(each, name) for name in columns] for each in page)


def json_text(state: ApiState, chosen: HistoryFilter, limit: int) -> Iterator[str]:
    """Yield one object, some entries at a time."""
    with state.backplane.database.reading() as connection:
        exported_at = jobs.database_time(connection)
    yield f'{{"exported_at":"{timestamp(exported_at)}","data":['
    total = 0
    # What ends while this is read would have been told twice, or not at all.
    for page in _pages(state, replace(chosen, ended_before=exported_at), limit):
        text = ",".join(each.model_dump_json() for each in page)
        yield f",{text}" if total else text
        total += len(page)
    # Counted, not foretold: retention may delete some meanwhile.
    yield f'],"total_records":{total}}}'


def _pages(
    state: ApiState, chosen: HistoryFilter, limit: int
) -> Iterator[list[HistoryEntry]]:
    """Yield entries, each page by a transaction of its own: readers may be slow."""
    after: Cursor | None = None
    while limit > 0:
        size = min(PAGE, limit)
        with state.backplane.database.reading() as connection:
            found = history.list_ended(connection, chosen, after=after, limit=size)
        if found:
            yield [entry(each) for each in found]
            after = Cursor(found[-1].finished_at, found[-1].id)
        limit = limit - size if len(found) == size else 0


def _attachment(pieces: Iterator[str], name: str, media_type: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
