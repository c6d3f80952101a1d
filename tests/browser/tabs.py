"""Every place of the dashboard that is looked at, one line a place."""

from dataclasses import dataclass

from tests.browser.screen import Screen
from tests.browser.seeded import History


@dataclass(frozen=True)
class Tab:
    """Where it is, and the heading by which it is known to be there."""

    place: str
    heading: str
    press: str = ""
    """A button that brings what there is to be seen, and what it brings."""
    brings: str = ""


VIEWS = (
    *("Desk", "Solve", "Jobs", "Benchmarks", "Calculate", "Finance", "Providers"),
    *("Webhooks", "Schedules", "Admin"),
)
"""What leads to them is called."""
TABS = {
    "desk": Tab("#/desk", "Desk"),
    "solve": Tab("#/solve", "Solve"),
    "jobs": Tab("#/jobs", "Jobs"),
    "run": Tab("#/jobs/{solve}", "nug20"),
    "benchmarks": Tab("#/benchmarks", "Benchmarks"),
    "benchmark": Tab("#/benchmarks/{benchmark}", "Benchmark"),
    "calculate": Tab(
        "#/calculate",
        "LivePrecisionCalculator",
        press="Calculate",
        brings="correctly rounded",
    ),
    "finance": Tab("#/finance", "Finance"),
    "npv": Tab(
        "#/finance?tab=calculate", "Finance", press="Calculate", brings="Calculated in"
    ),
    "providers": Tab("#/providers", "Providers"),
    "webhooks": Tab("#/webhooks", "Webhooks"),
    "schedules": Tab("#/schedules", "Schedules"),
    "admin": Tab("#/admin", "Admin"),
}


def look_at(tab: Tab, screen: Screen, history: History) -> None:
    """Go there, and wait until all of it is."""
    place = tab.place.format(solve=history.solve, benchmark=history.benchmark)
    screen.show(place, tab.heading)
    screen.settle()
    if tab.press:
        screen.button(tab.press).first.click()
        screen.sees(tab.brings)
        screen.settle()
