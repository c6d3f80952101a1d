"""…/events: one log as a JSON page, as NDJSON, or as a live stream."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Response
from starlette.concurrency import run_in_threadpool

from api.channels import OF_CHANNELS
from api.dependencies import (
    CallerDep,
    HubDep,
    JobId,
    PlacesDep,
    StateDep,
    made,
)
from api.family_views import require_kind
from api.relay.event_stream import SSE, EventStream
from api.relay.hub import Hub
from api.relay.places import Places
from api.schemas.channel import ChannelList, ChannelView
from api.schemas.job import EventPage
from api.schemas.socket import MAX_SEQUENCE
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.channel import ChannelName
from db.contracts.kinds.batch import BATCH
from db.contracts.kinds.benchmark import BENCHMARK
from db.contracts.metric import STREAM_DROPPED
from db.event_log import LogPage
from db.stream import PAGE

router = APIRouter(prefix="/v1", tags=["events"])

NDJSON = "application/x-ndjson"
ANSWERS: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK: {
        "model": EventPage,
        "description": "Events, in order, in the form that Accept asks for.",
        "content": {
            NDJSON: {"schema": {"type": "string"}},
            SSE: {"schema": {"type": "string"}},
        },
    },
    HTTPStatus.NO_CONTENT: {"description": "The log has ended; nothing follows."},
}


@dataclass(frozen=True)
class _Log:
    """Whatever has numbered events."""

    name: str
    path: str
    read: Callable[..., LogPage]
    """With ``after`` and ``limit``."""


class Reading:
    """What one request wants to read, and how."""

    def __init__(
        self,
        state: StateDep,
        hub: HubDep,
        places: PlacesDep,
        caller: CallerDep,
        after: Annotated[
            int | None,
            Query(ge=0, le=MAX_SEQUENCE, description="The last number seen."),
        ] = None,
        epoch: Annotated[
            str,
            Query(
                max_length=64, description="Where ``after`` counts; else all is told."
            ),
        ] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
        accept: Annotated[str, Header()] = "application/json",
        last_event_id: Annotated[
            str | None, Header(description="Where an EventSource got to.")
        ] = None,
    ) -> None:
        if last_event_id is not None and last_event_id.isdecimal():
            after = min(int(last_event_id[:16]), MAX_SEQUENCE)
        self._after = after
        self._epoch = epoch
        self._limit = limit
        self._accept = accept
        self.state: ApiState = state
        self._hub: Hub = hub
        self._places: Places = places
        self._caller: Caller = caller

    async def answer(self, log: _Log, *, from_now: bool = False) -> Response:
        """Answer with the events that follow; ``from_now`` is where streams begin."""
        after = self._after or 0
        page = await run_in_threadpool(log.read, after=after, limit=self._limit)
        is_stream = SSE in self._accept
        is_anew = bool(self._epoch and page.epoch) and page.epoch != self._epoch
        # An EventSource knows its number only; one that is not there is of another
        # epoch.
        if is_anew or (is_stream and after > page.last_sequence):
            after = 0
            page = await run_in_threadpool(log.read, limit=self._limit)
        elif is_stream and from_now and self._after is None:
            after = page.last_sequence
        if is_stream:
            return self._stream(log, page, after)
        bodies = [each.body for each in page.events if self._caller.hears(each.owner)]
        position = {
            "X-Log-Epoch": page.epoch,
            "X-Log-Sequence": str(page.last_sequence),
        }
        if NDJSON in self._accept:
            lines = "".join(body + "\n" for body in bodies)
            return Response(lines, media_type=NDJSON, headers=position)
        return Response(
            _page(page, bodies, log.path, after=after),
            media_type="application/json",
            headers=position,
        )

    def _stream(self, log: _Log, page: LogPage, after: int) -> Response:
        if page.ended and after == page.last_sequence:
            # 204 is what makes an EventSource stop coming back.
            return Response(status_code=HTTPStatus.NO_CONTENT)
        caller, meter = self._caller, self.state.meter
        return EventStream(
            self._hub,
            log.name,
            lambda number: log.read(after=number),
            # What is not kept any more cannot be told.
            after=max(after, page.first_sequence - 1),
            place=self._places.taking(caller),
            on_drop=lambda: meter.count(STREAM_DROPPED),
            sees=lambda event: caller.hears(event.owner),
        )


ReadingDep = Annotated[Reading, made(Reading)]


@router.get("/jobs/{job_id}/events", response_model=EventPage, responses=ANSWERS)
async def get_events(reading: ReadingDep, job_id: JobId) -> Response:
    """Return the events that follow number ``after``; the first is number 1."""
    return await reading.answer(_job_log(reading.state, job_id, "jobs"))


@router.get("/batches/{job_id}/events", response_model=EventPage, responses=ANSWERS)
async def get_batch_events(reading: ReadingDep, job_id: JobId) -> Response:
    """Return the events of a batch: how many of its items are in which state."""
    await run_in_threadpool(require_kind, reading.state.backplane, job_id, BATCH.name)
    return await reading.answer(_job_log(reading.state, job_id, "batches"))


@router.get("/benchmarks/{job_id}/events", response_model=EventPage, responses=ANSWERS)
async def get_benchmark_events(reading: ReadingDep, job_id: JobId) -> Response:
    """Return the events of a benchmark: how many of its runs are in which state."""
    await run_in_threadpool(
        require_kind, reading.state.backplane, job_id, BENCHMARK.name
    )
    return await reading.answer(_job_log(reading.state, job_id, "benchmarks"))


@router.get("/channels")
async def list_channels() -> ChannelList:
    """List the channels: what the service tells of itself."""
    return ChannelList(
        items=[
            ChannelView(
                name=name, summary=summary, events=f"/v1/channels/{name}/events"
            )
            for name, summary in OF_CHANNELS.items()
        ]
    )


@router.get("/channels/{name}/events", response_model=EventPage, responses=ANSWERS)
async def get_channel_events(reading: ReadingDep, name: ChannelName) -> Response:
    """Return what was told in a channel lately; a stream tells what comes."""
    read = partial(reading.state.backplane.channels.read, name)
    log = _Log(name.log, f"/v1/channels/{name}/events", read)
    return await reading.answer(log, from_now=True)


def _job_log(state: ApiState, job_id: str, resource: str) -> _Log:
    read = partial(state.backplane.log.read, job_id)
    return _Log(job_id, f"/v1/{resource}/{job_id}/events", read)


def _page(page: LogPage, bodies: list[str], path: str, *, after: int) -> bytes:
    is_done = bool(page.events) and page.events[-1].type.is_terminal
    is_past = page.ended and after >= page.last_sequence
    follows = page.events[-1].sequence if page.events else after
    return orjson.dumps(
        {
            "epoch": page.epoch,
            # As stored: the bytes are the same through every door.
            "items": [orjson.Fragment(body) for body in bodies],
            "last_sequence": page.last_sequence,
            "ended": page.ended,
            "next": ""
            if is_done or is_past
            else f"{path}?after={follows}&epoch={page.epoch}",
        }
    )
