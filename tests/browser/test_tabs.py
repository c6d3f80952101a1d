"""What holds in every tab, light and dark, wide and narrow."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.acceptance.conftest import Service
from tests.browser.accessibility import OF_COLOURS, violations
from tests.browser.budgets import load_of, observe
from tests.browser.conftest import PATIENCE_MS, OpenScreen
from tests.browser.screen import DESKTOP, PHONE, Screen, opened
from tests.browser.seeded import History
from tests.browser.tabs import TABS, look_at

SIZES = {"wide": DESKTOP, "narrow": PHONE}
# What is built alike in other colours has to be asked for its colours alone.
LOOKS = {
    ("wide", "light"): (),
    ("wide", "dark"): OF_COLOURS,
    ("narrow", "dark"): (),
    ("narrow", "light"): OF_COLOURS,
}
LAYOUT_SHIFT = 0.1
"""What Core Web Vitals call good."""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Visit:
    """What was seen of a tab."""

    violations: dict[str, Any] = field(default_factory=dict)
    sideways_px: dict[str, int] = field(default_factory=dict)
    """How much wider than the screen the page is."""
    layout_shift: float = 0.0
    faults: list[str] = field(default_factory=list)


def sideways(screen: Screen) -> int:
    """Return it once charts have taken the new width, which is a few frames later."""
    with suppress(PlaywrightTimeoutError):
        screen.page.wait_for_function(f"() => {SIDEWAYS} === 0", timeout=5000)
    return int(screen.page.evaluate(SIDEWAYS))


# Each tab is visited once, for all of the tests.
@pytest.fixture(scope="module", params=TABS)
def visit(
    request: pytest.FixtureRequest, browser: Browser, service: Service, history: History
) -> Visit:
    tab, seen = TABS[request.param], Visit()
    origin = service.stack.api_url
    with opened(browser, origin, PATIENCE_MS, reduced_motion="reduce") as screen:
        observe(screen)
        look_at(tab, screen, history)
        seen.layout_shift = load_of(screen).layout_shift
        for (size, colours), rules in LOOKS.items():
            screen.page.set_viewport_size(SIZES[size])
            screen.page.emulate_media(color_scheme=colours)
            seen.sideways_px[size] = sideways(screen)
            found = violations(screen, *rules)
            if found:
                seen.violations[f"{size}, {colours}"] = found
        seen.faults = screen.watch.faults
    return seen


def test_nobody_is_kept_out(visit: Visit) -> None:
    assert visit.violations == {}


def test_nothing_is_wider_than_the_screen(visit: Visit) -> None:
    assert visit.sideways_px == dict.fromkeys(SIZES, 0)


def test_nothing_jumps_about(visit: Visit) -> None:
    assert visit.layout_shift <= LAYOUT_SHIFT


def test_nothing_goes_wrong(visit: Visit) -> None:
    assert visit.faults == []


def test_axe_finds_what_is_there_to_be_found(open_screen: OpenScreen) -> None:
    screen = open_screen()
    screen.page.set_content("<img src='data:,'><p style='color:#eee'>pale")
    ids = {each["id"] for each in violations(screen)}
    assert {"image-alt", "color-contrast"} <= ids
