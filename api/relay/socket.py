"""The socket protocol ``solve.v1``: one socket, many subscriptions.

client: init {token?} · subscribe {id, topic, after?, epoch?, types?} ·
unsubscribe {id} · ping
server: ready · snapshot {id, sequence, epoch, recovered, state} · event {id, event} ·
end {id} · error {id?, problem} · pong
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.callers import require_topic
from api.relay.channel import Channel
from api.relay.frame import Frame
from api.relay.handshake import CLOSE_TRY_LATER, Accepted
from api.relay.incoming import CLOSE_TOO_MANY, Incoming, TooManyFramesError
from api.relay.subscription import Subscription
from api.schemas.socket import Subscribe
from db.contracts.caller import Caller
from db.contracts.errors import (
    ForbiddenError,
    InternalError,
    InvalidInputError,
    RateLimitedError,
    ServiceError,
    UnauthenticatedError,
    UnavailableError,
)

logger = logging.getLogger(__name__)

INIT_SECONDS = 5.0
MAX_TOPICS = 128

CLOSE_POSITION_LOST = 4003
CLOSE_UNAUTHENTICATED = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_NO_INIT = 4408

Login = Callable[[str | None], Awaitable[Caller]]
"""Says who follows, by the key or token of the first frame, if that has one."""

WRONG_SUBSCRIBE = (
    'Send {"type":"subscribe","id":"a","topic":"job:job_…"}, with after and epoch of '
    "the last event seen, and types if you want only some."
)


class SocketSession:
    """One client, from its first frame to its last."""

    def __init__(
        self,
        socket: WebSocket,
        accepted: Accepted,
        channels: Mapping[str, Channel],
        *,
        login: Login,
    ) -> None:
        self._incoming = Incoming(socket, self._complain)
        self._wire = accepted.wire
        self._accepted = accepted
        self._login = login
        self._caller = accepted.caller
        self._channels = channels
        self._following: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve until the client goes or breaks the rules."""
        try:
            token, refusal = await self._begin()
            if refusal is not None:
                self._wire.close(refusal)
                return
            with self._accepted.watching(token):
                while True:
                    self._answer(await self._incoming.frame())
        except TooManyFramesError:
            self._wire.close(CLOSE_TOO_MANY)
        except WebSocketDisconnect:
            logger.debug("client left", extra={"action": "socket_closed"})
        finally:
            for task in self._following.values():
                task.cancel()
            await asyncio.gather(*self._following.values(), return_exceptions=True)

    async def _begin(self) -> tuple[str | None, int | None]:
        """Wait for init; return its token, and why to close if that is so."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                frame = await self._await_init()
        except TimeoutError:
            return None, CLOSE_NO_INIT
        found = frame.get("token")
        token = found if isinstance(found, str) else None
        return token, await self._enter(token)

    async def _enter(self, token: str | None) -> int | None:
        try:
            self._caller = await self._login(token)
            self._accepted.place.is_of(self._caller)
        except (UnauthenticatedError, ForbiddenError) as error:
            self._complain(error)
            is_known = isinstance(error, ForbiddenError)
            return CLOSE_FORBIDDEN if is_known else CLOSE_UNAUTHENTICATED
        except RateLimitedError as error:
            self._complain(error)
            return CLOSE_TOO_MANY
        except UnavailableError as error:
            self._complain(error)
            return CLOSE_TRY_LATER
        self._send({"type": "ready", "limits": {"topics": MAX_TOPICS}})
        return None

    async def _await_init(self) -> dict[str, Any]:
        while True:
            frame = await self._incoming.frame()
            if frame.get("type") == "init":
                return frame
            self._complain(
                InvalidInputError(
                    "the first frame has to be init",
                    suggestion='Send {"type":"init"} first.',
                )
            )

    def _answer(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "ping":
                self._send({"type": "pong"})
            case "subscribe":
                self._subscribe(frame)
            case "unsubscribe":
                task = self._following.pop(str(frame.get("id")), None)
                if task is not None:
                    task.cancel()
            case _:
                unknown = InvalidInputError(
                    "there is no such frame",
                    suggestion="Send subscribe, unsubscribe or ping.",
                )
                self._complain(unknown, frame.get("id"))

    def _subscribe(self, frame: dict[str, Any]) -> None:
        try:
            wish = Subscribe.model_validate(frame)
        except ValidationError:
            wrong = InvalidInputError(
                "this is not a subscribe frame", suggestion=WRONG_SUBSCRIBE
            )
            self._complain(wrong, frame.get("id"))
            return
        try:
            require_topic(self._caller, wish.topic)
            self._require_room(wish)
            subscription = Subscription(wish, self._channels, self._wire)
        except ServiceError as error:
            self._complain(error, wish.id)
            return
        task = asyncio.get_running_loop().create_task(self._follow(wish, subscription))
        self._following[wish.id] = task

    def _require_room(self, wish: Subscribe) -> None:
        if wish.id in self._following:
            raise InvalidInputError(
                "this id is in use", suggestion="Unsubscribe it, or take another."
            )
        if len(self._following) >= MAX_TOPICS:
            raise InvalidInputError(
                f"at most {MAX_TOPICS} topics a socket",
                suggestion="Unsubscribe some, or open another socket.",
            )

    async def _follow(self, wish: Subscribe, subscription: Subscription) -> None:
        try:
            state, hub = self._accepted.state, self._accepted.hub
            await subscription.follow(state, hub, self._caller)
            self._send({"type": "end", "id": wish.id})
        except UnavailableError:
            self._wire.close(CLOSE_POSITION_LOST)
        except ServiceError as error:
            self._complain(error, wish.id)
        except Exception:
            logger.exception("channel failed", extra={"action": "channel_failed"})
            self._complain(InternalError("The service made a mistake."), wish.id)
        finally:
            if self._following.get(wish.id) is asyncio.current_task():
                del self._following[wish.id]

    def _complain(self, error: ServiceError, about: object = None) -> None:
        problem = {
            "type": f"/problems/{error.code}",
            "detail": error.message,
            "suggestion": error.suggestion,
        }
        frame = {"type": "error", "message": error.message, "problem": problem}
        if isinstance(about, str):
            frame["id"] = about[:100]
        self._send(frame)

    def _send(self, frame: dict[str, Any]) -> None:
        self._wire.send(Frame(orjson.dumps(frame).decode()))
