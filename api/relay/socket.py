"""The socket protocol ``solve.v1``: one socket, many subscriptions.

client: init {token?} · subscribe {id, topic, after?, epoch?} · unsubscribe {id} · ping
server: ready · snapshot {id, sequence, epoch, recovered, state} · event {id, event} ·
end {id} · error {id?, problem} · pong
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from api.relay.channel import Channel, Position, Snapshot
from api.relay.hub import Hub
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.errors import (
    ForbiddenError,
    InternalError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    ServiceError,
    UnauthenticatedError,
    UnavailableError,
)

logger = logging.getLogger(__name__)

INIT_SECONDS = 5.0
SEND_SECONDS = 10.0
MAX_TOPICS = 128
MAX_FRAME_CHARACTERS = 65_536

CLOSE_SLOW_READER = 4002
CLOSE_POSITION_LOST = 4003
CLOSE_UNAUTHENTICATED = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_NO_INIT = 4408
CLOSE_TOO_MANY = 4429
CLOSE_TRY_LATER = 1013

Login = Callable[[str | None], Awaitable[Caller]]
"""Says who follows, by the key or token of the first frame, if that has one."""


class Subscribe(BaseModel):
    """A wish to follow a topic."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=100)
    topic: str = Field(min_length=3, max_length=200, pattern=r"^\w+:[\w.-]+$")
    after: int | None = Field(None, ge=0, le=2**53)
    epoch: str = Field("", max_length=64)


class SocketSession:
    """One client, from its first frame to its last."""

    def __init__(
        self,
        socket: WebSocket,
        channels: Mapping[str, Channel],
        *,
        state: ApiState,
        hub: Hub,
        login: Login,
    ) -> None:
        self._socket = socket
        self._login = login
        self._caller = Caller(name="", scopes=frozenset())
        self._channels = channels
        self._state = state
        self._hub = hub
        self._sending = asyncio.Lock()
        self._is_closing = False
        self._following: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve until the client goes or breaks the rules."""
        try:
            refusal = await self._begin()
            if refusal is not None:
                await self._close(refusal)
                return
            while True:
                await self._answer(await self._receive())
        except TimeoutError:
            await self._close(CLOSE_SLOW_READER)
        except (WebSocketDisconnect, WebSocketDisconnected):
            logger.debug("client left", extra={"action": "socket_closed"})
        finally:
            for task in self._following.values():
                task.cancel()
            await asyncio.gather(*self._following.values(), return_exceptions=True)

    async def _begin(self) -> int | None:
        """Wait for init and see who it is; return why to close, if that is so."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                frame = await self._await_init()
        except TimeoutError:
            return CLOSE_NO_INIT
        token = frame.get("token")
        try:
            self._caller = await self._login(token if isinstance(token, str) else None)
        except (UnauthenticatedError, ForbiddenError) as error:
            await self._complain(error)
            is_known = isinstance(error, ForbiddenError)
            return CLOSE_FORBIDDEN if is_known else CLOSE_UNAUTHENTICATED
        except RateLimitedError as error:
            await self._complain(error)
            return CLOSE_TOO_MANY
        except UnavailableError as error:
            await self._complain(error)
            return CLOSE_TRY_LATER
        await self._send({"type": "ready", "limits": {"topics": MAX_TOPICS}})
        return None

    async def _await_init(self) -> dict[str, Any]:
        while True:
            frame = await self._receive()
            if frame.get("type") == "init":
                return frame
            await self._complain(
                InvalidInputError(
                    "the first frame has to be init",
                    suggestion='Send {"type":"init"} first.',
                )
            )

    async def _receive(self) -> dict[str, Any]:
        """Return the next frame that is a JSON object; complain of all others."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            text = message.get("text") or message.get("bytes") or b""
            if len(text) > MAX_FRAME_CHARACTERS:
                await self._complain(
                    InvalidInputError(
                        f"a frame has more than {MAX_FRAME_CHARACTERS} characters",
                        suggestion="Send small frames: a wish for one topic each.",
                    )
                )
                continue
            try:
                frame = orjson.loads(text)
            except orjson.JSONDecodeError:
                frame = None
            if isinstance(frame, dict):
                return frame
            await self._complain(
                InvalidInputError(
                    "a frame is one JSON object",
                    suggestion='Send text such as {"type":"ping"}.',
                )
            )

    async def _answer(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "ping":
                await self._send({"type": "pong"})
            case "subscribe":
                await self._subscribe(frame)
            case "unsubscribe":
                task = self._following.pop(str(frame.get("id")), None)
                if task is not None:
                    task.cancel()
            case _:
                unknown = InvalidInputError(
                    "unknown type of frame",
                    suggestion="Send subscribe, unsubscribe or ping.",
                )
                await self._complain(unknown, frame.get("id"))

    async def _subscribe(self, frame: dict[str, Any]) -> None:
        try:
            wish = Subscribe.model_validate(frame)
        except ValidationError as error:
            detail = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
            )
            wrong = InvalidInputError(
                detail[:500],
                suggestion='Send {"type":"subscribe","id":"a","topic":"job:job_…"}, '
                "with after and epoch of the last event seen.",
            )
            await self._complain(wrong, frame.get("id"))
            return
        if wish.topic.partition(":")[0] not in self._channels:
            missing = NotFoundError(
                "there is no such topic",
                suggestion=f"A topic is one of {', '.join(self._channels)}, a colon, "
                "and what it is about.",
            )
            await self._complain(missing, wish.id)
        elif wish.id in self._following:
            taken = InvalidInputError(
                "this id is in use", suggestion="Unsubscribe it, or take another."
            )
            await self._complain(taken, wish.id)
        elif len(self._following) >= MAX_TOPICS:
            full = InvalidInputError(
                f"at most {MAX_TOPICS} topics a socket",
                suggestion="Unsubscribe some, or open another socket.",
            )
            await self._complain(full, wish.id)
        else:
            task = asyncio.get_running_loop().create_task(self._follow(wish))
            self._following[wish.id] = task

    async def _follow(self, wish: Subscribe) -> None:
        try:
            await self._pass_on(wish)
        except (WebSocketDisconnect, WebSocketDisconnected):
            logger.debug("client left", extra={"action": "socket_closed"})
        except TimeoutError:
            await self._close(CLOSE_SLOW_READER)
        finally:
            if self._following.get(wish.id) is asyncio.current_task():
                del self._following[wish.id]

    async def _pass_on(self, wish: Subscribe) -> None:
        try:
            await self._relay(wish)
        except UnavailableError:
            await self._close(CLOSE_POSITION_LOST)
        except ServiceError as error:
            await self._complain(error, wish.id)
        except (WebSocketDisconnect, WebSocketDisconnected, TimeoutError):
            raise
        except Exception:
            logger.exception("channel failed", extra={"action": "channel_failed"})
            await self._complain(InternalError("The service made a mistake."), wish.id)

    async def _relay(self, wish: Subscribe) -> None:
        channel, _, subject = wish.topic.partition(":")
        seen = Position(wish.after, wish.epoch)
        name = orjson.dumps(wish.id).decode()
        opened = self._channels[channel].open(
            self._state, self._hub, subject=subject, seen=seen, caller=self._caller
        )
        async with aclosing(opened) as items:
            async for item in items:
                if isinstance(item, Snapshot):
                    await self._send(
                        {
                            "type": "snapshot",
                            "id": wish.id,
                            "sequence": item.sequence,
                            "epoch": item.epoch,
                            "recovered": item.recovered,
                            "state": item.state,
                        }
                    )
                else:
                    # The event's bytes go out as the log has them.
                    await self._send_text(
                        f'{{"type":"event","id":{name},"event":{item}}}'
                    )
        await self._send({"type": "end", "id": wish.id})

    async def _complain(self, error: ServiceError, about: object = None) -> None:
        problem = {
            "type": f"/problems/{error.code}",
            "detail": error.message,
            "suggestion": error.suggestion,
        }
        frame = {"type": "error", "message": error.message, "problem": problem}
        if isinstance(about, str):
            frame["id"] = about[:100]
        await self._send(frame)

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._send_text(orjson.dumps(frame).decode())

    async def _send_text(self, text: str) -> None:
        """Send one frame; a reader that takes none for a while is given up."""
        async with asyncio.timeout(SEND_SECONDS), self._sending:
            if self._is_closing:
                raise WebSocketDisconnect
            await self._socket.send_text(text)

    async def _close(self, code: int) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        try:
            await self._socket.close(code)
        except (RuntimeError, WebSocketDisconnect):
            logger.debug("closed already", extra={"action": "socket_closed"})
