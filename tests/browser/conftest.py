"""The dashboard of a real service, in a real browser.

The service and the browser are shared by all tests of this folder; a page is a test's
own, with an empty profile, and fails the test for what `Watch` calls a fault.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.conftest import Service
from tests.browser.chromium import chromium, find_chromium
from tests.browser.modules import Modules, modules_in
from tests.browser.running import running_service
from tests.browser.screen import Screen, opened
from tests.browser.seeded import History, seeded
from tests.fleet import Fleet, fleet

# Other work may have the machine at the same time.
PATIENCE_MS = 60_000

OpenScreen = Callable[..., Screen]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium()
    if path is None:
        pytest.skip(
            "NOT TESTED IN A BROWSER: no Chromium here; install the system's package "
            "chromium"
        )
    return path


# Not of the session: while it lives no other test may run an event loop.
@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with chromium(chromium_path) as running:
        yield running


@pytest.fixture(scope="package")
def modules(browser: Browser) -> Iterator[Modules]:
    with modules_in(browser) as page:
        yield page


@pytest.fixture(scope="package")
def providers() -> Iterator[Fleet]:
    """Stand for services outside, to be watched."""
    with fleet() as running:
        yield running


@pytest.fixture(scope="package")
def service(
    chromium_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="package")
def history(service: Service, providers: Fleet) -> Iterator[History]:
    """Give the service a small past, so that every tab has something to show."""
    with seeded(service, providers) as past:
        yield past


@pytest.fixture
def open_screen(browser: Browser, service: Service) -> Iterator[OpenScreen]:
    """Yield a function that opens pages of the service's; no fault in any of them."""
    with ExitStack() as running:
        screens: list[Screen] = []

        def open_one(**options: object) -> Screen:
            screens.append(
                running.enter_context(
                    opened(browser, service.stack.api_url, PATIENCE_MS, **options)
                )
            )
            return screens[-1]

        yield open_one
        assert [screen.watch.faults for screen in screens] == [[] for _ in screens]


@pytest.fixture
def screen(open_screen: OpenScreen) -> Screen:
    """Return a page of the usual size, in light colours, on which nothing is shown."""
    return open_screen()
