"""Who sent a request: found once, at the door, and asked for wherever it matters."""

import logging
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door import Door, read_credential
from api.errors import answer_error
from api.page_origin import is_welcome
from api.scopes import route_path, scope_needed
from api.state import ApiState
from api.stream_tokens import is_stream_token, topic_of
from db.contracts.caller import Caller
from db.contracts.caller import Scope as Right
from db.contracts.errors import (
    ForbiddenError,
    ServiceError,
    UnauthenticatedError,
)
from db.contracts.metric import CALLERS_REFUSED
from db.contracts.settings import Settings

logger = logging.getLogger(__name__)

DENIAL = "websocket.http.response"
CLOSE_UNAUTHENTICATED = 4401
CREDENTIALS = frozenset({"authorization", "x-api-key"})
PRIVATE = "private, no-cache"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN = "token"  # noqa: S105 - the name of a parameter
"""Of an address: a stream token, for clients that can set no header."""


class Guesses(Protocol):
    """Slows down who tries one key after the other."""

    def refuse_guessers(self, address: str) -> None:
        """Raise RateLimitedError where too many wrong ones came from there."""

    async def count_auth_failure(self, address: str) -> None:
        """Count a wrong one."""


class Identify:
    """Find out who asks, and whether they may, before anything is done for them."""

    def __init__(self, app: ASGIApp, door: Door, settings: Settings) -> None:
        self._app = app
        self._door = door
        self._metrics_open = settings.metrics_open
        self._origins = settings.cors_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            caller = await self._admit(connection)
        except ServiceError as error:
            await _refuse(connection, error, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller.is_known and scope["type"] == "http":
            send = _for_one_caller(send)
        await self._app(scope, receive, send)

    async def _admit(self, connection: HTTPConnection) -> Caller:
        if connection.scope["type"] == "websocket":
            # Browsers cannot send a header with it: the first frame may have the key.
            return await self._by_stream_token(connection) or await self._known(
                connection
            )
        needed = scope_needed(
            connection.scope["method"],
            route_path(connection.scope),
            metrics_open=self._metrics_open,
        )
        if needed is None:
            # Answered to everyone alike, also while no key could be looked up.
            return self._door.stranger(connection)
        if needed is Right.READ:
            follower = await self._follower(connection)
            if follower is not None:
                return follower
        caller = await self._known(connection)
        require(caller, needed, looks=self._door.looks)
        if not caller.is_known and connection.scope["method"] not in READING:
            # A key cannot be sent by a page that was not given it; an address can.
            self._refuse_other_pages(connection)
        return caller

    def _refuse_other_pages(self, connection: HTTPConnection) -> None:
        if not is_welcome(connection, self._origins):
            raise ForbiddenError(
                "a page of another origin may not do this without a key",
                suggestion="Name the page's origin in SOLVEQUEUE_CORS_ORIGINS.",
            )

    async def _follower(self, connection: HTTPConnection) -> Caller | None:
        """Return who may read a stream by the token in its address."""
        topic = topic_of(route_path(connection.scope))
        if topic is None:
            return None
        caller = await self._by_stream_token(connection)
        if caller is not None:
            require_topic(caller, topic)
        return caller

    async def _by_stream_token(self, connection: HTTPConnection) -> Caller | None:
        """Return who may follow by the token in the address, if there is one."""
        token = connection.query_params.get(TOKEN)
        if token is None or not (is_stream_token(token) or self._door.looks):
            return None
        _guesses(connection).refuse_guessers(_address(connection))
        try:
            if not is_stream_token(token):
                # Addresses are written down in many places.
                raise UnauthenticatedError("only a stream token may be in an address")
            if self._door.looks and CREDENTIALS & set(connection.headers):
                raise UnauthenticatedError("several keys or tokens at once")
            return await self._door.streams.find(token)
        except UnauthenticatedError as error:
            await on_refused(connection, error)
            raise

    async def _known(self, connection: HTTPConnection) -> Caller:
        if self._door.looks and CREDENTIALS & set(connection.headers):
            _guesses(connection).refuse_guessers(_address(connection))
        try:
            return await self._door.admit(connection)
        except UnauthenticatedError as error:
            await on_refused(connection, error)
            raise


def caller_of(connection: HTTPConnection) -> Caller:
    """Return who sent this request."""
    caller: Caller = connection.state.caller
    return caller


def credential_of(connection: HTTPConnection) -> str | None:
    """Return the key or token by which the caller is known; None for a stranger."""
    if not caller_of(connection).is_known:
        return None
    if caller_of(connection).topics is not None:
        return connection.query_params.get(TOKEN)
    return read_credential(connection.headers)


def require_topic(caller: Caller, topic: str) -> None:
    """Raise ForbiddenError where the caller came by a token for other topics."""
    if not caller.may_follow(topic):
        raise ForbiddenError(
            f"the stream token is not for {topic}",
            suggestion="Make one that names it: POST /v1/stream-tokens.",
        )


async def log_in(connection: HTTPConnection, token: str | None) -> Caller:
    """Return who follows a socket, by its handshake or the token of its first frame.

    Raises UnauthenticatedError or ForbiddenError where it may read nothing.
    """
    door: Door = connection.app.state.door
    caller = caller_of(connection)
    if token is not None and (door.looks or is_stream_token(token)):
        _guesses(connection).refuse_guessers(_address(connection))
        try:
            known = await (
                door.streams.find(token)
                if is_stream_token(token)
                else door.recognise(token)
            )
            if caller.is_known and known.name != caller.name:
                raise UnauthenticatedError("several keys or tokens at once")
        except UnauthenticatedError as error:
            await on_refused(connection, error)
            raise
        caller = known
    require(caller, Right.READ, looks=door.looks)
    return caller


def require(caller: Caller, needed: Right, *, looks: bool) -> None:
    """Raise unless the caller may do what needs this scope.

    ``looks`` is whether a key would have helped.
    """
    if needed in caller.scopes:
        return
    if not looks:
        raise ForbiddenError(
            f"{needed} is only for callers on the service's own host",
            suggestion="Call from there, or have the operator set AUTH_MODE.",
        )
    if not caller.is_known:
        raise UnauthenticatedError
    raise ForbiddenError(f"your key or token does not have the scope {needed}")


async def on_refused(connection: HTTPConnection, error: UnauthenticatedError) -> None:
    """Log and count a key or token that was sent and is not good."""
    address = _address(connection)
    logger.warning(
        "unauthenticated",
        extra={
            "action": "caller_refused",
            # Of a key it has the prefix at most.
            "reason": error.message,
            "address": address,
            "path": connection.scope["path"][:200],
        },
    )
    state: ApiState = connection.app.state.solvequeue
    state.meter.count(CALLERS_REFUSED)
    await _guesses(connection).count_auth_failure(address)


def _guesses(connection: HTTPConnection) -> Guesses:
    guesses: Guesses = connection.app.state.limits
    return guesses


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _for_one_caller(send: Send) -> Send:
    """Let no cache in between give the answer to anyone else.

    Of a request with Authorization caches know that; of one with X-API-Key they do not.
    """

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", PRIVATE)
        await send(message)

    return send_marked


async def _refuse(
    connection: HTTPConnection, error: ServiceError, receive: Receive, send: Send
) -> None:
    scope = connection.scope
    if scope["type"] == "websocket" and DENIAL not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": CLOSE_UNAUTHENTICATED})
        return
    await answer_error(connection, error)(scope, receive, send)
