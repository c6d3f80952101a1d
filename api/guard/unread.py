"""Bodies that nobody has read when the answer begins."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class CloseUnread:
    """Close the connection after an answer that did not wait for the whole body.

    The server would go on to read what is left of it, for as long as it comes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_read = False

        async def receive_noted() -> Message:
            nonlocal is_read
            message = await receive()
            is_read = is_read or not message.get("more_body", False)
            return message

        async def send_closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not is_read:
                closing = (b"connection", b"close")
                message["headers"] = [*message.get("headers", ()), closing]
            await send(message)

        await self._app(scope, receive_noted, send_closing)


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
