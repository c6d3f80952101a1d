"""What a visit may cost, and that a page that is left open costs no more."""

import os

import pytest

from tests.acceptance.conftest import Service
from tests.browser.budgets import KIB, heap_while_told, load_of
from tests.browser.conftest import OpenScreen
from tests.browser.feeding import fed_run
from tests.browser.screen import Screen
from tests.browser.seeded import History
from tests.browser.tabs import TABS

SCRIPT_BYTES = 80_000
MINUTES = float(os.environ.get("DASHBOARD_MINUTES", "0.25"))
GROWTH_BYTES = 512 * KIB
"""What may be more after the last fifth than after the first: caches of the engine."""


def test_the_first_load_is_small(open_screen: OpenScreen, history: History) -> None:
    screen = open_screen()
    screen.show("#/desk", TABS["desk"].heading)
    screen.settle()
    load = load_of(screen)
    assert 0 < load.script_bytes <= SCRIPT_BYTES, load.scripts


@pytest.mark.timeout(300 + 120 * MINUTES)
def test_a_page_that_is_left_open_holds_no_more(
    screen: Screen, service: Service
) -> None:
    with fed_run(service) as run:
        screen.show(f"#/jobs/{run.job_id}", "tai100a")
        first, *_, last = heap_while_told(screen, run, seconds=60 * MINUTES)
    assert last - first <= GROWTH_BYTES, f"{first / KIB:.0f} to {last / KIB:.0f} KiB"
