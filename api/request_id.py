"""A name for each request: the caller's own, or a new one; and its trace."""

import re
import time
from contextvars import ContextVar

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from db.contracts import trace
from db.contracts.identifier import new_id

_ALLOWED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")
_trace: ContextVar[str | None] = ContextVar("traceparent", default=None)
_facts: ContextVar[dict[str, str] | None] = ContextVar("request_facts", default=None)


def request_id() -> str:
    """Return the id of the request that is being answered."""
    return _current.get()


def traceparent() -> str | None:
    """Return the trace that the caller says this request is part of."""
    return _trace.get()


def continue_trace(traceparent: str | None) -> None:
    """Let what this request causes be part of this trace."""
    _trace.set(traceparent)


def note(**facts: str) -> None:
    """Let the request's line in the log tell this too; from any of its threads."""
    known = _facts.get()
    if known is not None:
        known |= facts


def noted() -> dict[str, str]:
    """Return what was noted of the request that is being answered."""
    return _facts.get() or {}


class RequestId:
    """Echo X-Request-ID, and put it into every log line of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        name = given if _ALLOWED.fullmatch(given) else new_id("req")
        _current.set(name)
        _facts.set({})
        told = trace.parse(Headers(scope=scope).get("traceparent", ""))
        _trace.set(told)
        if told is not None:
            note(trace_id=trace.trace_id(told))
        structlog.contextvars.bind_contextvars(request_id=name)
        started = time.perf_counter()

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = name
                elapsed_ms = (time.perf_counter() - started) * 1000
                headers["X-Response-Time"] = f"{elapsed_ms:.1f}ms"
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
