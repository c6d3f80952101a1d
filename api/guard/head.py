"""HEAD wherever there is a GET: the same headers, and no body."""

from http import HTTPStatus

import anyio
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Ask the route for a GET, and keep its body to ourselves.

    Outside of what compresses: the headers are those that the answer to the GET has.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] != "HEAD":
            await self._app(scope, receive, _naming_head(send))
            return
        # A copy: the server leaves bodies out by the method that it sees.
        asked = {**scope, "method": "GET", "is_head": True}
        has_ended = False

        async def send_head(message: Message) -> None:
            nonlocal has_ended
            if message["type"] == "http.response.start":
                if "route" in asked:
                    scope["route"] = asked["route"]
                await send(message)
            elif not (has_ended or message.get("more_body", False)):
                has_ended = True
                await send({"type": "http.response.body", "body": b""})

        await self._app(asked, receive, _naming_head(send_head))


class EndStreams:
    """For a HEAD, end an answer of unknown length where its body would begin.

    Inside of what compresses, which would wait for the first piece. What sends it is
    cancelled: a stream may have nothing to say for a long time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope.get("is_head", False):
            await self._app(scope, receive, send)
            return
        with anyio.CancelScope() as sending:

            async def send_to_the_body(message: Message) -> None:
                if sending.cancel_called:
                    return
                await send(message)
                if message["type"] == "http.response.start" and not any(
                    name.lower() == b"content-length" for name, _ in message["headers"]
                ):
                    await send({"type": "http.response.body", "body": b""})
                    sending.cancel()

            await self._app(scope, receive, send_to_the_body)


def _naming_head(send: Send) -> Send:
    async def send_allowing(message: Message) -> None:
        if (
            message["type"] == "http.response.start"
            and message["status"] == HTTPStatus.METHOD_NOT_ALLOWED
        ):
            headers = MutableHeaders(scope=message)
            allowed = {part.strip() for part in headers.get("allow", "").split(",")}
            if "GET" in allowed:
                headers["Allow"] = ", ".join(sorted(allowed | {"HEAD"}))
        await send(message)

    return send_allowing
