"""Counts every answer and writes its line: how long it took, and who asked."""

import logging
import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.request_id import noted
from db.contracts.metric import HTTP_DURATION, HTTP_REQUESTS
from db.meter import Meter

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
SILENT = frozenset({"/healthz"})
"""Asked every second, by something that reads no logs."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Activity:
    """What one process does at the moment."""

    requests: int = 0
    sockets: int = 0


class CountRequests:
    """Count every answer under its route's template, never its path."""

    def __init__(
        self, app: ASGIApp, meter: Meter, activity: Activity, *, writes_lines: bool
    ) -> None:
        self._app = app
        self._meter = meter
        self._activity = activity
        self._writes_lines = writes_lines

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
        started, status = time.perf_counter(), 0

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                route, status = route_of(scope), message["status"]
                self._meter.observe(HTTP_DURATION, time.perf_counter() - started, route)
                self._meter.count(HTTP_REQUESTS, method_of(scope), route, str(status))
            await send(message)

        self._activity.requests += 1
        try:
            await self._app(scope, receive, send_counted)
        finally:
            self._activity.requests -= 1
            if self._writes_lines and scope["path"] not in SILENT:
                _write_line(scope, status, time.perf_counter() - started)


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    caller = scope.get("state", {}).get("caller")
    logger.info(
        "request",
        extra={
            "action": "request",
            "method": method_of(scope),
            "route": route_of(scope),
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "caller": "" if caller is None else caller.name,
            **noted(),
        },
    )


def route_of(scope: Scope) -> str:
    """Return the template of the route that answers, once it is known."""
    return getattr(scope.get("route"), "path", UNMATCHED)


def method_of(scope: Scope) -> str:
    """Return the request's method; a client may make some up."""
    return scope["method"] if scope["method"] in METHODS else "other"
