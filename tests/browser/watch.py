"""What may not happen in any page, whatever a test is about."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

SERVER_ERROR = 500
LOCAL = ("data:", "blob:", "about:")
# Errors of the policy are told of on the console; so they have to be, in any browser.
TELL_OF_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => console.error(
  `POLICY ${event.effectiveDirective} forbids ${event.blockedURI || "inline"}`));
"""


class Watch:
    """Collects the faults of all pages of a context.

    A fault is an error on the console (uncaught exceptions and violations of the
    policy among them), an answer of 500 or more, and a request to another origin.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._origin = urlsplit(origin).netloc
        self._faults: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        self.requests: list[str] = []
        context.add_init_script(TELL_OF_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", lambda told: self._note(f"uncaught: {told.error}"))
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        context.on(
            "page",
            lambda page: page.on("websocket", lambda ws: self._see_address(ws.url)),
        )

    @property
    def faults(self) -> list[str]:
        """Those that no test has said to expect."""
        return [
            fault
            for fault in self._faults
            if not any(pattern.search(fault) for pattern in self._allowed)
        ]

    def allow(self, *patterns: str) -> None:
        """Expect faults like these, before or after this call."""
        self._allowed += [re.compile(pattern) for pattern in patterns]

    def _note(self, fault: str) -> None:
        self._faults.append(fault)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location
            place = f"{where.get('url', '')}:{where.get('lineNumber', '')}"
            self._note(f"console: {message.text} ({place})")

    def _see_request(self, request: Request) -> None:
        self.requests.append(request.url)
        self._see_address(request.url)

    def _see_address(self, url: str) -> None:
        if not url.startswith(LOCAL) and urlsplit(url).netloc != self._origin:
            self._note(f"left the origin: {url}")

    def _see_response(self, response: Response) -> None:
        if response.status >= SERVER_ERROR:
            self._note(f"answered {response.status}: {response.url}")
