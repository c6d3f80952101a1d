"""The API goes away while a page is open: it says so, and goes on when it is back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from api.stack import PartName
from tests.acceptance.conftest import SECONDS, Service
from tests.browser.screen import Screen
from tests.browser.tabs import TABS
from tests.waiting import wait_until

AWAY = re.compile("has not answered since")
# What a browser says of each request that nobody answers.
UNANSWERED = (
    r"net::ERR_(CONNECTION|EMPTY_RESPONSE|SOCKET|INCOMPLETE_CHUNKED)",
    r"WebSocket connection to .* failed",
)


@contextmanager
def no_api(service: Service) -> Iterator[None]:
    """Kill the API; it is back, at the same address, when the block has ended."""
    api = service.stack.handles[PartName.API]
    api.kill()
    try:
        yield
    finally:
        api.restart()
        wait_until(api.is_ready, seconds=SECONDS)


def test_the_desk_says_how_old_it_is_and_recovers(
    screen: Screen, service: Service
) -> None:
    screen.watch.allow(*UNANSWERED)
    screen.show("#/desk", TABS["desk"].heading)
    screen.settle()
    with no_api(service):
        screen.sees(AWAY)
        screen.sees(re.compile(r"as of .* ago"))
        # What it said last is still there to be read.
        screen.sees("Latest jobs")
    expect(screen.page.get_by_text(AWAY)).to_have_count(0)
    expect(screen.page.get_by_text(re.compile("as of .* ago"))).to_have_count(0)


def test_a_run_is_followed_on_where_it_was(screen: Screen, service: Service) -> None:
    screen.watch.allow(*UNANSWERED)
    job = service.client.submit_solve("tai60a", limits={"time_s": 3000})
    screen.show(f"#/jobs/{job.id}", "tai60a")
    screen.sees("running")
    with no_api(service):
        screen.sees(AWAY)
        # What it said last is still there to be read.
        expect(screen.heading("tai60a")).to_be_visible()
    expect(screen.page.get_by_text(AWAY)).to_have_count(0)
    # Told by the socket that was opened anew; nobody reloads the page.
    service.client.cancel(job.id)
    screen.sees("cancelled")
    told = [event.number for event in service.log_of(job.id)]
    screen.link("Events").click()
    screen.sees(str(told[-1]))
