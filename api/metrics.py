"""Counts every answer, how long it took, and what is still being answered."""

import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from db.contracts.metric import HTTP_DURATION, HTTP_REQUESTS
from db.meter import Meter

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"


@dataclass(slots=True)
class Activity:
    """What one process does at the moment."""

    requests: int = 0
    sockets: int = 0


class CountRequests:
    """Count every answer under its route's template, never its path."""

    def __init__(self, app: ASGIApp, meter: Meter, activity: Activity) -> None:
        self._app = app
        self._meter = meter
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self._activity.sockets += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._activity.sockets -= 1
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = route_of(scope)
                self._meter.observe(HTTP_DURATION, time.perf_counter() - started, route)
                status = str(message["status"])
                self._meter.count(HTTP_REQUESTS, method_of(scope), route, status)
            await send(message)

        self._activity.requests += 1
        try:
            await self._app(scope, receive, send_counted)
        finally:
            self._activity.requests -= 1


def route_of(scope: Scope) -> str:
    """Return the template of the route that answers, once it is known."""
    return getattr(scope.get("route"), "path", UNMATCHED)


def method_of(scope: Scope) -> str:
    """Return the request's method; a client may make some up."""
    return scope["method"] if scope["method"] in METHODS else "other"
