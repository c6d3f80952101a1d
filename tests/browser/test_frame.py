"""What surrounds every view: keys, colours, rest when nobody looks."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.acceptance.conftest import Service
from tests.browser.conftest import OpenScreen
from tests.browser.screen import Screen
from tests.browser.tabs import TABS, VIEWS

MINUTE_MS = 60_000
REQUESTS_A_MINUTE = 45
"""Of an open desk that nothing happens on."""
HIDE = """
Object.defineProperty(document, "hidden", { value: true, configurable: true });
document.dispatchEvent(new Event("visibilitychange"));
"""


@pytest.fixture
def desk(open_screen: OpenScreen) -> Screen:
    """Show the desk in a page whose time a test puts forward."""
    screen = open_screen()
    screen.page.clock.install()
    screen.show("#/desk", TABS["desk"].heading)
    screen.settle()
    return screen


def test_the_keyboard_goes_past_the_views_at_once(desk: Screen) -> None:
    desk.page.keyboard.press("Tab")
    expect(desk.link("To the content")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("main")).to_be_focused()


def test_every_view_is_one_link_away(desk: Screen) -> None:
    views = desk.page.get_by_role("navigation", name="Views").get_by_role("link")
    assert tuple(views.all_inner_texts()) == VIEWS


def test_a_theme_that_was_chosen_stays(desk: Screen) -> None:
    theme = "() => getComputedStyle(document.body).colorScheme"
    desk.press(re.compile("Theme: system"))
    desk.press(re.compile("Theme: light"))
    expect(desk.button(re.compile("Theme: dark"))).to_be_visible()
    before = desk.page.evaluate(theme)
    desk.page.reload()
    expect(desk.button(re.compile("Theme: dark"))).to_be_visible()
    assert desk.page.evaluate(theme) == before == "dark"


def test_a_place_that_is_not_there_says_so(screen: Screen) -> None:
    screen.show("#/nowhere", "Nothing here")
    screen.link("To the desk").click()
    expect(screen.heading("Desk")).to_be_visible()


@pytest.mark.parametrize(
    "rest",
    [lambda desk: desk.press("Pause"), lambda desk: desk.page.evaluate(HIDE)],
    ids=["paused", "hidden"],
)
def test_a_page_at_rest_asks_nothing(
    desk: Screen, rest: Callable[[Screen], None]
) -> None:
    rest(desk)
    before = len(desk.watch.requests)
    desk.page.clock.run_for(MINUTE_MS)
    assert desk.watch.requests[before:] == []


def test_a_page_that_is_left_open_asks_seldom(desk: Screen) -> None:
    before = len(desk.watch.requests)
    desk.page.clock.run_for(MINUTE_MS)
    asked = desk.watch.requests[before:]
    assert 0 < len(asked) <= REQUESTS_A_MINUTE


def test_the_page_is_at_home_below_any_prefix(
    open_screen: OpenScreen, service: Service
) -> None:
    origin = service.stack.api_url
    prefix = f"{origin}/team/queue"

    def pass_on(route: Route) -> None:
        url = route.request.url.replace(prefix, origin)
        route.fulfill(response=route.fetch(url=url))

    screen = open_screen()
    screen.page.route(f"{prefix}/**", pass_on)
    # The proxy of this test knows nothing of sockets.
    screen.page.route_web_socket("**/team/queue/v1/ws", lambda _: None)
    screen.page.goto(f"{prefix}/dashboard#/desk")
    expect(screen.heading(TABS["desk"].heading)).to_be_visible()
    screen.settle()
    outside = [url for url in screen.watch.requests if not url.startswith(prefix)]
    assert outside == []
