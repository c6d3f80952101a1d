"""A page that does what no page may do fails its test: seen once for each fault."""

from typing import Any

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import PATIENCE_MS
from tests.browser.screen import opened
from tests.waiting import wait_until

ORIGIN = "http://127.0.0.1:9"
FAULTS = {
    "console": ("<script>console.error('ouch')</script>", "console: ouch"),
    "uncaught": ("<script>throw new TypeError('lost')</script>", "lost"),
    "another origin": ("<img src='http://example.com/dot.png'>", "left the origin"),
    "policy": ("<script src='data:text/javascript,1'></script>", "script-src"),
    "server error": ("<img src='/broken'>", "answered 500"),
}


def answer(route: Route, body: str) -> None:
    if route.request.url.endswith("/broken"):
        route.fulfill(status=500)
        return
    policy = "default-src * 'unsafe-inline'"
    route.fulfill(
        content_type="text/html",
        headers={"content-security-policy": policy},
        body=f"<!doctype html><title>x</title>{body}",
    )


@pytest.mark.parametrize(("body", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_seen(browser: Any, body: str, fault: str) -> None:
    with opened(browser, ORIGIN, PATIENCE_MS) as screen:
        screen.page.route(f"{ORIGIN}/**", lambda route: answer(route, body))
        screen.page.goto(ORIGIN + "/")
        # Playwright hears of faults while it is asked something.
        wait_until(
            lambda: screen.page.title() and any(fault in e for e in screen.watch.faults)
        )


def test_what_a_test_expects_is_no_fault(browser: Any) -> None:
    with opened(browser, ORIGIN, PATIENCE_MS) as screen:
        screen.watch.allow("ouch")
        screen.page.route(
            f"{ORIGIN}/**", lambda route: answer(route, FAULTS["console"][0])
        )
        screen.page.goto(ORIGIN + "/")
        screen.page.wait_for_load_state()
        assert screen.watch.faults == []
