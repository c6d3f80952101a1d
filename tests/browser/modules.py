"""Modules of the dashboard by themselves, in a page of no service: what is pure logic.

A test takes the fixture `modules` and asks for the value of an expression, in which
``m`` is the module::

    assert modules.ask("lib/format.js", "m.percent(0.5)") == "50.0 %"
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from tests.browser.screen import opened

DASHBOARD = Path(__file__).parents[2] / "api" / "web" / "dashboard"
# Nobody listens there: every request is answered here.
ORIGIN = "http://127.0.0.1:9"
PATIENCE_MS = 30_000.0
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
}
PAGE = "<!doctype html><html lang=en><title>Modules</title><main id=app></main>"
# The policy of a page runs no code made of text: what is asked is one expression.
ASK = """
(async () => {
  const m = await import("/%s");
  return (%s);
})()
"""


class Modules:
    """A page that can import every module."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.route(f"{ORIGIN}/**", _answer)
        page.goto(f"{ORIGIN}/")

    def ask(self, module: str, expression: str) -> Any:
        """Return the value, awaited if it is a promise."""
        return self.page.evaluate(ASK % (module, expression))


@contextmanager
def modules_in(browser: Browser) -> Iterator[Modules]:
    """Open the page; nothing may go wrong in it."""
    with opened(browser, ORIGIN, PATIENCE_MS) as screen:
        yield Modules(screen.page)
        assert screen.watch.faults == [], screen.watch.faults


def _answer(route: Route) -> None:
    name = route.request.url.removeprefix(f"{ORIGIN}/").partition("?")[0]
    if not name:
        route.fulfill(content_type="text/html", body=PAGE)
        return
    path = DASHBOARD / name
    if path.is_file():
        route.fulfill(content_type=MEDIA_TYPES[path.suffix], path=path)
    else:
        route.fulfill(status=404)
