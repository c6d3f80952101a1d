"""What routes ask for."""

import inspect
import re
from typing import Annotated, Any

from fastapi import Depends, Header, Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from api.averages import MethodAverages
from api.callers import caller_of
from api.door import Door
from api.ownership import (
    DELIVERIES,
    JOBS,
    LIVE_CALCULATIONS,
    NOTIFICATIONS,
    PROVIDER_ID,
    SCHEDULES,
    THRESHOLDS,
    WEBHOOKS,
    Owned,
)
from api.relay.hub import Hub
from api.relay.places import Places
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError
from db.contracts.settings import Settings

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,6})")


async def _state(connection: HTTPConnection) -> ApiState:
    """Return the process' state, its database at hand."""
    state: ApiState = connection.app.state.solvequeue
    if not state.is_open:
        await run_in_threadpool(lambda: state.backplane)
    return state


async def _settings(connection: HTTPConnection) -> Settings:
    state: ApiState = connection.app.state.solvequeue
    return state.settings


async def _hub(connection: HTTPConnection) -> Hub:
    hub: Hub = connection.app.state.hub
    return hub


async def _places(connection: HTTPConnection) -> Places:
    places: Places = connection.app.state.places
    return places


async def _door(connection: HTTPConnection) -> Door:
    door: Door = connection.app.state.door
    return door


def made(class_: type) -> Any:
    """Return what makes an object of a class that asks for what a route may ask for.

    In the loop: a plain class is called in a thread, which costs more than making it.
    """

    async def make(**asked: Any) -> object:
        return class_(**asked)

    vars(make)["__signature__"] = inspect.signature(class_)
    return Depends(make)


def _id_of(owned: Owned, name: str, *, told: str = "As given when it was made.") -> Any:
    """Return what reads an id from the path: only of what the caller may know of."""

    async def read(
        connection: HTTPConnection,
        record_id: Annotated[str, Path(alias=name, description=told, max_length=100)],
    ) -> str:
        if not owned.id_form.fullmatch(record_id):
            raise NotFoundError(f"there is no such {owned.noun}")
        caller = caller_of(connection)
        # Who sees all is known without a thread to look it up.
        if not caller.sees_all:
            state: ApiState = connection.app.state.solvequeue
            await run_in_threadpool(
                lambda: owned.require(state.backplane, caller, record_id)
            )
        return record_id

    return Depends(read)


async def _provider_id(
    provider_id: Annotated[
        str, Path(description="As given when it was made.", max_length=100)
    ],
) -> str:
    if not PROVIDER_ID.fullmatch(provider_id):
        raise NotFoundError("there is no such provider")
    return provider_id


def wished_seconds(prefer: str | None, settings: Settings) -> float:
    """Return how long a caller wishes to be made to wait, as far as it may."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), settings.max_wait_seconds) if found else 0.0


async def _wait_seconds(
    connection: HTTPConnection,
    prefer: Annotated[
        str | None,
        Header(description="``wait=N``: answer later, but with news (RFC 7240)."),
    ] = None,
) -> float:
    state: ApiState = connection.app.state.solvequeue
    return wished_seconds(prefer, state.settings)


async def _averages(connection: HTTPConnection) -> MethodAverages:
    state: ApiState = connection.app.state.solvequeue
    return state.averages


async def _caller(connection: HTTPConnection) -> Caller:
    return caller_of(connection)


AveragesDep = Annotated[MethodAverages, Depends(_averages)]
StateDep = Annotated[ApiState, Depends(_state)]
SettingsDep = Annotated[Settings, Depends(_settings)]
HubDep = Annotated[Hub, Depends(_hub)]
PlacesDep = Annotated[Places, Depends(_places)]
DoorDep = Annotated[Door, Depends(_door)]
CallerDep = Annotated[Caller, Depends(_caller)]
WaitSeconds = Annotated[float, Depends(_wait_seconds)]

JobId = Annotated[
    str, _id_of(JOBS, "job_id", told="As given when the job was accepted.")
]
ScheduleId = Annotated[str, _id_of(SCHEDULES, "schedule_id")]
EndpointId = Annotated[str, _id_of(WEBHOOKS, "endpoint_id")]
DeliveryId = Annotated[
    str, _id_of(DELIVERIES, "delivery_id", told="The webhook-id of its requests.")
]
LiveId = Annotated[str, _id_of(LIVE_CALCULATIONS, "live_id")]
ThresholdId = Annotated[str, _id_of(THRESHOLDS, "threshold_id")]
ProviderId = Annotated[str, Depends(_provider_id)]
NotificationId = Annotated[
    str, _id_of(NOTIFICATIONS, "notification_id", told="As the listing has it.")
]
