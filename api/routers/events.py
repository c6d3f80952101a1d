"""/v1/jobs/{id}/events: one log as a JSON page, as NDJSON, or as a live stream."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Response
from starlette.concurrency import run_in_threadpool

from api.dependencies import HubDep, JobId, StateDep
from api.relay.event_stream import SSE, EventStream
from api.schemas.job import EventPage
from db.event_log import LogPage
from db.stream import PAGE

router = APIRouter(prefix="/v1/jobs", tags=["events"])

MAX_SEQUENCE = 2**53
NDJSON = "application/x-ndjson"


@router.get(
    "/{job_id}/events",
    response_model=EventPage,
    responses={
        HTTPStatus.OK: {
            "description": "Events, in order, in the form that Accept asks for.",
            "content": {
                NDJSON: {"schema": {"type": "string"}},
                SSE: {"schema": {"type": "string"}},
            },
        },
        HTTPStatus.NO_CONTENT: {"description": "The log has ended; nothing follows."},
    },
)
async def get_events(
    state: StateDep,
    hub: HubDep,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=MAX_SEQUENCE)] = 0,
    epoch: Annotated[
        str,
        Query(max_length=64, description="Where ``after`` counts; else all is told."),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    accept: Annotated[str, Header()] = "application/json",
    last_event_id: Annotated[
        str | None, Header(description="Where an EventSource got to.")
    ] = None,
) -> Response:
    """Return the events that follow number ``after``; the first is number 1."""
    if last_event_id is not None and last_event_id.isdecimal():
        after = min(int(last_event_id[:16]), MAX_SEQUENCE)
    log = state.backplane.log
    page = await run_in_threadpool(log.read, job_id, after=after, limit=limit)
    is_stream = SSE in accept
    is_anew = bool(epoch and page.epoch) and page.epoch != epoch
    # An EventSource knows its number only; one that is not there is of another epoch.
    if is_anew or (is_stream and after > page.last_sequence):
        after = 0
        page = await run_in_threadpool(log.read, job_id, limit=limit)
    if is_stream:
        if page.ended and after == page.last_sequence:
            # 204 is what makes an EventSource stop coming back.
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return EventStream(log, hub, job_id, after=after)
    if NDJSON in accept:
        lines = "".join(event.body + "\n" for event in page.events)
        return Response(lines, media_type=NDJSON, headers=_position(page))
    return Response(
        _page(page, job_id, after=after),
        media_type="application/json",
        headers=_position(page),
    )


def _page(page: LogPage, job_id: str, *, after: int) -> bytes:
    is_done = bool(page.events) and page.events[-1].type.is_terminal
    is_past = page.ended and after >= page.last_sequence
    follows = page.events[-1].sequence if page.events else after
    path = f"/v1/jobs/{job_id}/events?after={follows}&epoch={page.epoch}"
    return orjson.dumps(
        {
            "epoch": page.epoch,
            # As stored: the bytes are the same through every door.
            "items": [orjson.Fragment(event.body) for event in page.events],
            "last_sequence": page.last_sequence,
            "ended": page.ended,
            "next": "" if is_done or is_past else path,
        }
    )


def _position(page: LogPage) -> dict[str, str]:
    return {"X-Log-Epoch": page.epoch, "X-Log-Sequence": str(page.last_sequence)}
