"""/v1/ws: one socket for everything that happens."""

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool

from api.channels import CHANNELS
from api.relay.socket import SocketSession
from api.state import ApiState
from db.contracts.errors import UnavailableError

router = APIRouter()

PROTOCOL = "solve.v1"
CLOSE_TRY_LATER = 1013
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
    await SocketSession(socket, CHANNELS, state=state, hub=hub).run()
