"""Who may open a socket: pages of our own, and as many as there is room for."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from api.callers import DENIAL, caller_of, credential_of
from api.errors import answer_error
from api.page_origin import is_welcome
from api.relay.hub import Hub
from api.relay.places import Place
from api.relay.wire import Wire, open_wire
from api.standing_leave import StandingLeave
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.errors import ServiceError
from db.contracts.metric import STREAM_DROPPED

CLOSE_POLICY = 1008
CLOSE_TRY_LATER = 1013


@dataclass(frozen=True, slots=True)
class Accepted:
    """An open socket, and what it may use."""

    wire: Wire
    state: ApiState
    hub: Hub
    place: Place
    caller: Caller
    """As the handshake says."""
    leave: StandingLeave

    def watching(self, credential: str | None) -> AbstractContextManager[None]:
        """Close the socket when this key or token is no longer good."""
        return self.leave.watching(credential, lambda end: self.wire.close(end.value))


@asynccontextmanager
async def accepting(
    socket: WebSocket, *, protocol: str | None = None
) -> AsyncIterator[Accepted | None]:
    """Accept the socket for the time of the context; None if it was refused."""
    state: ApiState = socket.app.state.solvequeue
    if not is_welcome(socket, state.settings.cors_origins):
        await socket.close(CLOSE_POLICY)
        yield None
        return
    caller = caller_of(socket)
    try:
        await run_in_threadpool(lambda: state.backplane)
        place = socket.app.state.places.take(caller)
    except ServiceError as error:
        await _deny(socket, error)
        yield None
        return
    try:
        offered = socket.scope.get("subprotocols", [])
        await socket.accept(protocol if protocol in offered else None)
        async with open_wire(
            socket, on_drop=lambda: state.meter.count(STREAM_DROPPED)
        ) as wire:
            accepted = Accepted(
                wire,
                state,
                socket.app.state.hub,
                place,
                caller,
                socket.app.state.leave,
            )
            with accepted.watching(credential_of(socket)):
                yield accepted
    finally:
        place.leave()


async def _deny(socket: WebSocket, error: ServiceError) -> None:
    if DENIAL in socket.scope.get("extensions", {}):
        await socket.send_denial_response(answer_error(socket, error))
    else:
        await socket.close(CLOSE_TRY_LATER)
