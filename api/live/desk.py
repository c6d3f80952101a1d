"""``/ws``: ask for calculations, and hear of the channels that were chosen."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from api.calculations import CALCULATIONS, EVERYONES
from api.callers import require, require_topic
from api.guard.limits import Limits
from api.live.calculator import Calculator, Wish
from api.live.frames import Told, told_desk
from api.live.session import Manner, Session, repeated
from api.live_calculations import begin
from api.live_views import metrics_update
from api.relay.frame import Frame
from api.relay.handshake import Accepted
from api.solutions import percent_of
from api.views import list_views
from db.contracts.caller import Caller, Scope
from db.contracts.channel import ChannelName
from db.contracts.errors import InternalError, InvalidInputError, ServiceError
from db.contracts.event import EventType, Published
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.repositories import jobs
from db.repositories.jobs import JobFilter

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_AT_ONCE = 32
"""Calculations of one socket."""
MAX_LISTED = 100
MAX_REMEMBERED = 1000
STALE_SECONDS = 30.0
"""So old, what the service told of itself says nothing of the present."""
JOBS = "jobs"
"""The topic of all of a caller's jobs."""
GENERAL = "general"
"""Everyone follows it, and nothing has to be said for it."""
CHANNELS = {
    name.value: name
    for name in (
        ChannelName.MARKET_DATA,
        ChannelName.CALCULATIONS,
        ChannelName.NOTIFICATIONS,
        ChannelName.SYSTEM,
        ChannelName.METRICS,
    )
}
ALWAYS = (ChannelName.SYSTEM, ChannelName.CALCULATIONS)
"""Heard by every socket, for what it tells of itself; passed on if it was chosen."""
FEATURES = ("calculations", "channels", "metrics")
LIVE_PATH = "/v1/live-calculations"


class CalculateFrame(BaseModel):
    """A wish for a calculation."""

    model_config = ConfigDict(extra="ignore")

    calculation_id: str | None = Field(None, min_length=1, max_length=100)
    calculation_type: str = Field(min_length=1, max_length=64)
    parameters: dict[str, Any] = {}
    """As the type has them; checked there."""
    live: bool = False
    bindings: dict[str, str] | None = None
    """Of a live one."""


class Desk(Manner):
    """Serves one client."""

    def __init__(
        self,
        session: Session,
        accepted: Accepted,
        *,
        caller: Caller,
        calculator: Calculator,
        limits: Limits,
        looks: bool,
    ) -> None:
        """Take the place of one who serves; ``looks`` is whether keys matter here."""
        self._session = session
        self._state, self._hub = accepted.state, accepted.hub
        self._caller = caller
        self._calculator = calculator
        self._limits = limits
        self._looks = looks
        self._is_open = True
        self._chosen: set[ChannelName] = set()
        self._listening: dict[ChannelName, ExitStack] = {}
        self._told_at: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._live: dict[str, None] = {}
        """Live calculations that this socket asked for."""
        self._names: dict[str, str] = {}
        """Of the calculations that this socket asked for, by job."""
        self._standing: tuple[float, str, int] | None = None
        """When the service last told of itself, how it is, and how many follow it."""

    @override
    def begin(self) -> None:
        self._session.send(
            "welcome", message="Connected to SolveQueue.", features=FEATURES
        )
        for channel in ALWAYS:
            if self._caller.may_follow(channel):
                self._listen(channel)

    @override
    async def answer(self, type_: str, frame: dict[str, Any]) -> None:
        match type_:
            case "subscribe":
                self._subscribe(frame.get("channel"))
            case "unsubscribe":
                self._unsubscribe(frame.get("channel"))
            case "subscribe_metrics":
                await self._tell_metrics()
                self._choose(ChannelName.METRICS)
            case "get_active_calculations":
                await self._list_calculations()
            case "calculate":
                self._calculate(frame)
            case "request_calculation":
                data = frame.get("data")
                self._calculate(_as_wish(data if isinstance(data, dict) else {}))
            case _:
                self._session.complain(f"Unknown message type: {repeated(type_)}")

    @override
    def keep_in_touch(self) -> None:
        at = asyncio.get_running_loop().time()
        standing = self._standing
        if standing is None or at - standing[0] > STALE_SECONDS:
            # What all processes share is away: this one knows of its own.
            standing = (at, "degraded", self._calculator.streams)
        self._session.send(
            "heartbeat", server_status=standing[1], active_connections=standing[2]
        )

    @override
    def end(self) -> None:
        # Calculations go on: others of the same owner may follow them.
        self._is_open = False
        for listening in self._listening.values():
            listening.close()

    def _subscribe(self, channel: object) -> None:
        name = _channel(channel)
        if name is not None:
            self._choose(name)
        self._session.send("subscribed", channel=channel)

    def _unsubscribe(self, channel: object) -> None:
        name = _channel(channel)
        if name is not None:
            self._chosen.discard(name)
            if name not in ALWAYS and name in self._listening:
                self._listening.pop(name).close()
        self._session.send("unsubscribed", channel=channel)

    def _choose(self, name: ChannelName) -> None:
        require_topic(self._caller, name)
        self._chosen.add(name)
        self._listen(name)

    def _listen(self, name: ChannelName) -> None:
        if name not in self._listening:
            self._listening[name] = listening = ExitStack()
            listening.enter_context(self._hub.subscribe(name.log, self.hear))

    @override
    def hear(self, event: Published | None) -> None:
        if event is None or not self._caller.hears(event.owner):
            return
        told = told_desk(event)
        if event.type is EventType.SYSTEM_UPDATED:
            self._standing = (
                asyncio.get_running_loop().time(),
                told.data["system_health"]["status"],
                told.data["active_websocket_clients"],
            )
        is_wanted = (
            event.log.rpartition(":")[2] in self._chosen
            or told.data.get("calculation_id") in self._live
            or (
                event.type is EventType.CALCULATION_COMPLETED
                and told.data["calculation_type"] in EVERYONES
            )
        )
        if is_wanted and told.data.get("job") not in self._names:
            self._pass_on(told)

    def _pass_on(self, told: Told) -> None:
        for rendering, frame in told.frames:
            if rendering.every_s:
                at = datetime.fromisoformat(told.at).timestamp()
                before = self._told_at.get(rendering.type)
                # Those who produce it come a moment earlier or later.
                if before is not None and at - before < rendering.every_s - 1:
                    continue
                self._told_at[rendering.type] = at
            self._session.wire.send(frame)

    async def _tell_metrics(self) -> None:
        require_topic(self._caller, ChannelName.METRICS)
        await self._limits.require(self._caller, "GET", "/metrics/live")
        metrics = await run_in_threadpool(metrics_update, self._state)
        told = metrics.calculations.model_dump(mode="json")
        self._session.send("metrics_update", data=told)

    async def _list_calculations(self) -> None:
        require_topic(self._caller, JOBS)
        await self._limits.require(self._caller, "GET", "/v1/jobs")
        found = await run_in_threadpool(self._active)
        self._session.send("active_calculations", calculations=found)

    def _active(self) -> list[dict[str, Any]]:
        """Return the caller's jobs that have not ended."""
        chosen = JobFilter(
            caller=self._caller.name, states=(JobState.QUEUED, JobState.RUNNING)
        )
        backplane = self._state.backplane
        with backplane.database.reading() as connection:
            found = jobs.list_jobs(connection, chosen, after=None, limit=MAX_LISTED)
        return [
            {
                "calculation_id": self._names.get(view.id, view.id),
                "calculation_type": view.kind,
                "job": view.id,
                "status": "processing" if view.started_at else "queued",
                "progress": percent_of(view),
                "created_at": view.created_at,
                "started_at": view.started_at,
            }
            for view in list_views(backplane, found)
        ]

    def _calculate(self, frame: dict[str, Any]) -> None:
        try:
            asked = CalculateFrame.model_validate(frame)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            given = repeated(frame.get("calculation_id") or new_id("calc"))
            wish = Wish(
                given, repeated(frame.get("calculation_type", "")), {}, self._caller
            )
            wrong = InvalidInputError(
                f"{where}: {error.errors()[0]['msg']}",
                suggestion='Send {"type":"calculate","calculation_type":"solve",'
                '"parameters":{"instance":{"name":"nug12"}}}.',
            )
            self._tell(wish.refusal(wrong))
            return
        wish = Wish(
            asked.calculation_id or new_id("calc"),
            asked.calculation_type,
            asked.parameters,
            self._caller,
        )
        if wish.id in self._running or len(self._running) >= MAX_AT_ONCE:
            full = InvalidInputError(
                f"{MAX_AT_ONCE} calculations at once are the most, each with an id of "
                "its own",
                suggestion="Wait until one has ended.",
            )
            self._tell(wish.refusal(full))
            return
        doing: Callable[[Wish], Awaitable[None]] = self._do
        if asked.live:
            doing = partial(self._begin_live, bindings=asked.bindings)
        task = asyncio.get_running_loop().create_task(self._run(wish, doing))
        self._running[wish.id] = task
        task.add_done_callback(lambda _: self._running.pop(wish.id))

    async def _do(self, wish: Wish) -> None:
        calculation = CALCULATIONS.get(wish.type)
        if calculation is None:
            raise _not_offered(wish.type)
        require(self._caller, Scope.WRITE, looks=self._looks)
        await self._limits.require(self._caller, "POST", calculation.path)
        with self._calculator.place(self._caller):
            view = await self._calculator.begin(calculation, wish)
            self._remember(view.id, wish.id)
            await self._calculator.follow(wish, view, self._tell)

    async def _begin_live(self, wish: Wish, *, bindings: dict[str, str] | None) -> None:
        """Have it done with each tick; its ends come by the channel of its owner."""
        require(self._caller, Scope.WRITE, looks=self._looks)
        await self._limits.require(self._caller, "POST", LIVE_PATH)
        beginning = partial(
            begin, self._state, wish.type, wish.parameters, bindings, caller=wish.caller
        )
        made = await run_in_threadpool(beginning)
        _keep(self._live, made.id, None)
        if self._is_open:
            self._session.send(
                "calculation_live",
                calculation_id=wish.id,
                calculation_type=wish.type,
                live=made.id,
                bindings=made.bindings,
                expires_at=made.expires_at,
            )

    async def _run(self, wish: Wish, doing: Callable[[Wish], Awaitable[None]]) -> None:
        try:
            await doing(wish)
        except ServiceError as error:
            self._tell(wish.refusal(error))
        except Exception:
            logger.exception("calculation failed", extra={"action": "socket_failed"})
            self._tell(wish.refusal(InternalError("The service made a mistake.")))

    def _remember(self, job: str, name: str) -> None:
        # Beyond its end: what the channel tells of it comes a moment later.
        _keep(self._names, job, name)

    def _tell(self, frame: Frame) -> None:
        if self._is_open:
            self._session.wire.send(frame)


def _keep(known: dict[str, T], key: str, value: T) -> None:
    """Add it; forget the oldest where there are too many."""
    known[key] = value
    if len(known) > MAX_REMEMBERED:
        del known[next(iter(known))]


def _channel(named: object) -> ChannelName | None:
    """Return the channel of this name; None is the one that everyone follows."""
    if named == GENERAL:
        return None
    if not isinstance(named, str) or named not in CHANNELS:
        raise InvalidInputError(
            f"Unknown channel: {repeated(named)}",
            suggestion=f"Channels are {', '.join(CHANNELS)}.",
        )
    return CHANNELS[named]


def _as_wish(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the earlier calculator's clients send as others send it."""
    own = {"calculation_id", "calculation_type", "parameters"}
    rest = {name: value for name, value in data.items() if name not in own}
    return {"calculation_type": "precision", "parameters": rest, **data}


def _not_offered(type_: str) -> InvalidInputError:
    offered = ", ".join(CALCULATIONS)
    return InvalidInputError(
        f"{type_} is not offered; offered: {offered}",
        suggestion=f"Ask for {offered}.",
    )
