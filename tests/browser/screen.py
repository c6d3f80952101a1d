"""A page as people know it: by what its parts are called, never by how it is built."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.watch import Watch

DESKTOP = {"width": 1440, "height": 900}
CONTROLS = "input, select, textarea"
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Screen:
    """One page, and what was seen to go wrong in it."""

    page: Page
    watch: Watch
    origin: str

    def show(self, place: str, heading: str | re.Pattern[str] = "") -> None:
        """Go to a place of the dashboard such as ``#/solve``; wait until it is there.

        It is there once its heading is, if one is named, and nothing in it is busy.
        """
        url = f"{self.origin}/dashboard{place}"
        if self.page.url.partition("#")[0] == url.partition("#")[0]:
            # As a link does; the page stays.
            self.page.evaluate("(hash) => { location.hash = hash; }", place)
        else:
            self.page.goto(url)
        if heading:
            expect(self.heading(heading)).to_be_visible()

    def settle(self) -> None:
        """Wait until all that was asked for is there; streams go on."""
        expect(self.page.get_by_label("Loading")).to_have_count(0)
        self.page.wait_for_function(
            "() => !document.querySelector('[aria-busy=true]')", polling=100
        )

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name).first

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name)

    def field(self, label: str | re.Pattern[str]) -> Locator:
        # Pictures have labels too.
        return self.page.get_by_label(label).and_(self.page.locator(CONTROLS))

    def text(self, words: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_text(words).first

    def press(self, name: str | re.Pattern[str]) -> None:
        self.button(name).first.click()

    def fill(self, **values: str) -> None:
        """Fill fields by their labels, written with ``_`` for spaces."""
        for label, value in values.items():
            self.field(re.compile(label.replace("_", " "), re.I)).first.fill(value)

    def sees(self, words: str | re.Pattern[str], *, seconds: float = 60.0) -> None:
        """Wait until these words can be seen."""
        expect(self.text(words)).to_be_visible(timeout=seconds * 1000)


@contextmanager
def opened(
    browser: Browser,
    origin: str,
    patience_ms: float,
    *,
    size: dict[str, int] = DESKTOP,
    **options: Any,
) -> Iterator[Screen]:
    """Open an empty page in a profile of its own."""
    context = browser.new_context(
        viewport=size, locale="en-GB", timezone_id="UTC", **options
    )
    context.set_default_timeout(patience_ms)
    watch = Watch(context, origin)
    try:
        yield Screen(context.new_page(), watch, origin)
    finally:
        context.close()
