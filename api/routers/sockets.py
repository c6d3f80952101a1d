"""/v1/ws: one socket for everything that happens."""

from functools import partial

from fastapi import APIRouter, WebSocket

from api.callers import log_in
from api.channels import CHANNELS
from api.relay.handshake import accepting
from api.relay.socket import SocketSession

router = APIRouter()

PROTOCOL = "solve.v1"


@router.websocket("/v1/ws")
async def follow(socket: WebSocket) -> None:
    """Speak ``solve.v1``; pages of other origins are not answered."""
    async with accepting(socket, protocol=PROTOCOL) as accepted:
        if accepted is not None:
            login = partial(log_in, socket)
            await SocketSession(socket, accepted, CHANNELS, login=login).run()
