"""What the dashboard costs its visitors: `python -m tests.benchmarks.dashboard`.

A first visit by each place, and a run that tells of itself ten times a second for
``--minutes``. In the system's Chromium, with a service and a browser on this machine.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.browser.budgets import KIB, Load, heap_while_told, load_of, observe
from tests.browser.chromium import chromium, find_chromium
from tests.browser.feeding import fed_run
from tests.browser.running import running_service
from tests.browser.screen import opened
from tests.browser.seeded import seeded
from tests.browser.tabs import TABS, look_at
from tests.fleet import fleet

PATIENCE_MS = 60_000.0
VISITS = 5
WANTED_PAINT_MS = 1000.0
WANTED_SCRIPT_KB = 80.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    arguments = parser.parse_args()
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium here; install the system's package chromium")
    with (
        tempfile.TemporaryDirectory() as home,
        fleet() as providers,
        running_service(Path(home)) as service,
        seeded(service, providers) as history,
        chromium(path) as browser,
    ):
        loads: dict[str, list[Load]] = {name: [] for name in TABS}
        for _ in range(VISITS):
            for name, tab in TABS.items():
                with opened(browser, service.stack.api_url, PATIENCE_MS) as screen:
                    observe(screen)
                    look_at(tab, screen, history)
                    loads[name].append(load_of(screen))
        report(loads)
        with (
            fed_run(service) as run,
            opened(browser, service.stack.api_url, PATIENCE_MS) as screen,
        ):
            screen.show(f"#/jobs/{run.job_id}", "tai100a")
            heaps = heap_while_told(
                screen, run, seconds=60 * arguments.minutes, samples=10
            )
            told = run.told
        print(
            f"{told} updates in {arguments.minutes:g} min; heap in KiB:",
            " ".join(f"{heap / KIB:.0f}" for heap in heaps),
        )


def report(loads: dict[str, list[Load]]) -> None:
    """Print a line for each place."""
    table = Table(title=f"a first visit, median of {VISITS}")
    table.add_column("place")
    for column in ("JS kB", "all kB", "first paint ms", "layout shift"):
        table.add_column(column, justify="right")
    for name, visits in loads.items():
        script_kb = visits[0].script_bytes / 1000
        paint_ms = statistics.median(visit.paint_ms for visit in visits)
        table.add_row(
            name,
            _judged(script_kb, WANTED_SCRIPT_KB, digits=1),
            f"{visits[0].all_bytes / 1000:.1f}",
            _judged(paint_ms, WANTED_PAINT_MS, digits=0),
            f"{max(visit.layout_shift for visit in visits):.3f}",
        )
    Console().print(table)


def _judged(value: float, wanted: float, *, digits: int) -> str:
    colour = "green" if value <= wanted else "red"
    return f"[{colour}]{value:.{digits}f}[/{colour}]"


if __name__ == "__main__":
    main()
