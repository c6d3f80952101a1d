"""Headers that keep browsers from doing what a page of ours never asks for."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from db.contracts.settings import Settings

CORS_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
CORS_TAKES = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "X-API-Key",
    "X-Request-ID",
    "traceparent",
)
CORS_SHOWS = (
    "Content-Disposition",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Log-Epoch",
    "X-Log-Sequence",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
    "X-Response-Time",
)


class SecurityHeaders:
    """Put them on every answer, unless its route has said otherwise."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        policy = settings.content_security_policy
        self._ours = _encoded(settings, policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                given = {name.lower() for name, _ in headers}
                headers += [pair for pair in self._ours if pair[0] not in given]
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _encoded(settings: Settings, policy: str) -> list[tuple[bytes, bytes]]:
    headers = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # Those who still know it find harm with 1 more often than without.
        "x-xss-protection": "0",
        "referrer-policy": "no-referrer",
        "content-security-policy": policy,
    }
    if settings.hsts_seconds:
        headers["strict-transport-security"] = f"max-age={settings.hsts_seconds}"
    return [(name.encode(), value.encode()) for name, value in headers.items() if value]
