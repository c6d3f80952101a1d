"""Routes that will go: each answer says so, long before (RFC 9745, RFC 8594)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when a route should not be used, until when it answers, and what then."""

    since: date
    until: date
    successor: str

    def headers(self) -> dict[str, str]:
        """Return what each answer of the route carries."""
        since, until = (
            datetime.combine(day, time(), UTC) for day in (self.since, self.until)
        )
        return {
            "Deprecation": f"@{since.timestamp():.0f}",
            "Sunset": format_datetime(until, usegmt=True),
            "Link": f'<{self.successor}>; rel="successor-version"',
        }


DEPRECATIONS: dict[str, Deprecation] = {}
"""By the route's path, as the schema writes it. None so far: the first path that goes
stands here, and its schema says ``deprecated``, for at least half a year."""


class TellOfDeprecation:
    """Add the headers to answers of deprecated routes."""

    def __init__(self, app: ASGIApp, routes: Mapping[str, Deprecation]) -> None:
        self._app = app
        self._headers = {path: each.headers() for path, each in routes.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = getattr(scope.get("route"), "path", "")
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.get(path, {}).items():
                    headers.append(name, value)
            await send(message)

        is_told = scope["type"] == "http" and self._headers
        await self._app(scope, receive, send_told if is_told else send)
