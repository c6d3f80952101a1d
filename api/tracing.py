"""A span for each request, where traces are wanted."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import method_of, route_of
from api.request_id import continue_trace
from db.contracts import trace
from db.contracts.settings import Settings
from db.tracing import Role, span


class TraceRequests:
    """Measure each request as part of its caller's trace."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = trace.parse(Headers(scope=scope).get("traceparent", ""))
        method = method_of(scope)
        with span(self._settings, method, parent=given, role=Role.SERVER) as measured:
            # The jobs that it makes are caused by it.
            continue_trace(measured.traceparent)

            async def send_told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = route_of(scope)
                    measured.tell(
                        name=f"{method} {route}", route=route, status=message["status"]
                    )
                await send(message)

            await self._app(scope, receive, send_told)
