"""What is calculated for sockets: a job each, and what is told of it on its way.

Who asked is told at once; others of the same owner hear of it through the channel, and
go on hearing of it when the one who asked has gone.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from api.calculations import CALCULATIONS, EVERYONES
from api.calculations.calculation import Calculation
from api.health_views import now_text
from api.live.frames import DESK, frame_of
from api.relay.frame import Frame
from api.relay.hub import Hub
from api.relay.places import Places
from api.relay.tail import Reader, Tail
from api.schemas.job import JobView
from api.solutions import not_run
from api.state import ApiState
from api.submit import submit
from api.views import load_job
from db.contracts.calculation_event import (
    CalculationCompleted,
    CalculationFailed,
    CalculationPayload,
    CalculationUpdated,
)
from db.contracts.caller import Caller
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.errors import (
    ErrorRecord,
    InvalidInputError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from db.contracts.event import EventType, Progress, Published, timestamp
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.notification import EndWish

logger = logging.getLogger(__name__)

LEAST_SECONDS = 0.5
"""Between two reports of how far one calculation is."""
AGAIN_SECONDS = 1.0

Tell = Callable[[Frame], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """One calculation that a socket asks for."""

    id: str
    type: str
    parameters: dict[str, Any]
    caller: Caller

    def refusal(self, error: ServiceError) -> Frame:
        """Return the frame that says why there is no job for it."""
        told = self.failed(error.record()).model_dump(exclude={"job"})
        return frame_of("calculation_error", timestamp=now_text(), **told)

    def failed(self, error: ErrorRecord, *, job: str = "") -> CalculationFailed:
        return CalculationFailed(
            **self._named(job),
            status="error",
            error=error.message,
            message=error.message,
            code=error.code,
            suggestion=error.suggestion,
        )

    def updated(
        self, job: str, status: str, percent: float, *, eta_s: float | None = None
    ) -> CalculationUpdated:
        action = "Started" if status == "started" else "Processing"
        return CalculationUpdated(
            **self._named(job),
            status=status,
            progress=percent,
            eta_s=eta_s,
            message=f"{action} {self.type}... {percent:g}%",
        )

    def completed(self, view: JobView) -> CalculationCompleted:
        calculation, at = CALCULATIONS[self.type], timestamp(time.time())
        return CalculationCompleted(
            **self._named(view.id),
            status="completed",
            result=calculation.result(view),
            completed_at=view.finished_at or at,
            data={**calculation.facts(view), **self._named(view.id), "timestamp": at},
        )

    def _named(self, job: str) -> dict[str, str]:
        return {
            "calculation_id": self.id,
            "calculation_type": self.type,
            "job": job,
        }


class Calculator:
    """One process' calculations."""

    def __init__(self, state: ApiState, hub: Hub, places: Places) -> None:
        self._state = state
        self._hub = hub
        self._places = places

    @property
    def streams(self) -> int:
        """How many streams this process holds open."""
        return self._places.taken

    def place(self, caller: Caller) -> AbstractContextManager[object]:
        """Hold a place among the streams that this process follows.

        Entering raises RateLimitedError or ServiceFullError where there is none.
        """
        return self._places.taking(caller)

    async def begin(self, calculation: Calculation, wish: Wish) -> JobView:
        """Accept the calculation's job; raises ServiceError where it cannot be."""
        try:
            parameters = orjson.dumps(wish.parameters)
        except orjson.JSONEncodeError as error:
            raise InvalidInputError(
                "parameters are nested too deeply", suggestion="Send a flatter object."
            ) from error

        def accept() -> JobView:
            resolved = calculation.resolve(self._state, parameters, wish.caller)
            notify = EndWish(calculation_id=wish.id, calculation_type=wish.type)
            proposal = replace(resolved, notify=notify)
            job = submit(self._state, proposal, caller=wish.caller)
            return load_job(self._state.backplane, job.id)[0]

        return await run_in_threadpool(accept)

    async def follow(self, wish: Wish, view: JobView, tell: Tell) -> None:
        """Tell of the calculation up to its end."""
        progress = _Progress(wish, view)
        telling = asyncio.get_running_loop().create_task(
            self._tell_progress(progress, wish, tell)
        )
        try:
            await self._tell(wish, progress.began, tell)
            if not view.state.is_final:
                await self._until_end(view.id, progress)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        await self._tell(wish, await self._ended(wish, view.id), tell)

    async def _until_end(self, job_id: str, progress: "_Progress") -> None:
        """Follow the job's log to its end, from the start again if it is lost."""
        log = self._state.backplane.log
        while not progress.has_ended:
            tail = Tail(
                self._hub, job_id, lambda number: log.read(job_id, after=number)
            )
            try:
                await tail.follow(progress)
            except NotFoundError:
                # Deleted under its follower, or ended and archived: its row knows.
                return
            if not tail.is_lost:
                return

    async def _tell_progress(
        self, progress: "_Progress", wish: Wish, tell: Tell
    ) -> None:
        while True:
            await self._tell(wish, await progress.next(), tell)
            await asyncio.sleep(LEAST_SECONDS)

    async def _ended(self, wish: Wish, job_id: str) -> CalculationPayload:
        while True:
            try:
                view, _ = await self._hub.read(
                    partial(load_job, self._state.backplane, job_id)
                )
            except UnavailableError:
                # It has ended, and is told when that can be read.
                await asyncio.sleep(AGAIN_SECONDS)
            except ServiceError as error:
                return wish.failed(error.record(), job=job_id)
            else:
                if view.state is JobState.SUCCEEDED:
                    return wish.completed(view)
                return wish.failed(view.error or not_run(view.state), job=job_id)

    async def _tell(self, wish: Wish, payload: CalculationPayload, tell: Tell) -> None:
        event = EVENTS[type(payload)]
        (rendering,) = DESK[event]
        at = time.time()
        told = payload.model_dump(mode="json")
        tell(frame_of(rendering.type, timestamp=timestamp(at), **told))
        publish = partial(tell_channel, self._state, payload, wish.caller, at=at)
        await self._hub.read(publish)
        if isinstance(payload, CalculationCompleted) and wish.type in EVERYONES:
            # As clients of the earlier calculator know it: after the others.
            data = told["data"]
            tell(frame_of("calculation_result", timestamp=timestamp(at), data=data))


def tell_channel(
    state: ApiState, payload: CalculationPayload, caller: Caller, *, at: float
) -> None:
    """Tell those who follow ``calculations``, if that can be done."""
    draft = ChannelDraft(
        channel=ChannelName.CALCULATIONS,
        type=EVENTS[type(payload)],
        payload=payload,
        id=new_id("evt"),
        time=at,
        subject=payload.job,
        owner=caller.name,
    )
    try:
        state.backplane.channels.publish([draft])
    except UnavailableError:
        # Those who asked are told; for others the job's own log is the record.
        logger.debug("untold", extra={"action": "calculation_untold"})


EVENTS: dict[type[CalculationPayload], EventType] = {
    CalculationUpdated: EventType.CALCULATION_UPDATED,
    CalculationCompleted: EventType.CALCULATION_COMPLETED,
    CalculationFailed: EventType.CALCULATION_FAILED,
}


class _Progress(Reader):
    """Reads a job's log; keeps how far it is, for who asks next."""

    def __init__(self, wish: Wish, view: JobView) -> None:
        self._wish = wish
        self._view = view
        self._calculation = CALCULATIONS[wish.type]
        self._latest: CalculationUpdated | None = None
        self._came = asyncio.Event()
        self.began = wish.updated(view.id, "started", 0.0)
        self.has_ended = False

    @override
    def take(self, event: Published) -> None:
        self.has_ended = event.type.is_terminal
        if event.type in (EventType.JOB_PROGRESS, EventType.JOB_INCUMBENT):
            told = Progress.model_validate(orjson.loads(event.body)["data"])
            percent, eta_s = self._calculation.percent(self._view, told), told.eta_s
        elif event.type is EventType.JOB_STARTED:
            percent, eta_s = 0.0, None
        else:
            return
        self._latest = self._wish.updated(
            self._view.id, "processing", percent, eta_s=eta_s
        )
        self._came.set()

    @override
    async def drained(self) -> None:
        return

    async def next(self) -> CalculationUpdated:
        """Return the latest, once there is one that was not returned before."""
        await self._came.wait()
        self._came.clear()
        assert self._latest is not None
        return self._latest
