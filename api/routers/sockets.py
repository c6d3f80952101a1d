"""/v1/ws: one socket for everything that happens."""

from functools import partial

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool

from api.callers import log_in
from api.channels import CHANNELS
from api.relay.socket import CLOSE_TRY_LATER, SocketSession
from api.state import ApiState
from db.contracts.errors import UnavailableError

router = APIRouter()

PROTOCOL = "solve.v1"
CLOSE_POLICY = 1008


@router.websocket("/v1/ws")
async def follow(socket: WebSocket) -> None:
    """Speak ``solve.v1``; pages of other origins are not answered."""
    state: ApiState = socket.app.state.solvequeue
    origin = socket.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != socket.headers.get("host"):
        await socket.close(CLOSE_POLICY)
        return
    try:
        await run_in_threadpool(lambda: state.backplane)
    except UnavailableError:
        await socket.close(CLOSE_TRY_LATER)
        return
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    hub = socket.app.state.hub
    login = partial(log_in, socket)
    await SocketSession(socket, CHANNELS, state=state, hub=hub, login=login).run()
