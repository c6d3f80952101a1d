"""Who sent a request: found once, at the door, and asked for wherever it matters."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from db.contracts.caller import Caller


class Identify:
    """Find out who asks, before anything is done for them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            client = scope.get("client")
            caller = Caller(name=client[0] if client else "")
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


def caller_of(connection: HTTPConnection) -> Caller:
    """Return who sent this request."""
    caller: Caller = connection.state.caller
    return caller
