"""What a page costs: bytes, seconds and memory, as the browser itself tells it."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession

from tests.browser.feeding import FedRun, at_rate
from tests.browser.screen import Screen

MEASURE = """
() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const files = performance.getEntriesByType("resource").map((entry) => ({
    name: new URL(entry.name).pathname, bytes: entry.encodedBodySize,
  }));
  return { paint: paint?.startTime ?? null, files,
           bytes: navigation.encodedBodySize, shift: window.layoutShift ?? 0 };
}
"""
# Before the page's own first script: what has shifted is told to observers only.
OBSERVE = """
window.layoutShift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.layoutShift += entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });
"""
UPDATES_PER_S = 10.0
KIB = 1024


@dataclass(frozen=True)
class Load:
    """One visit by somebody who has never been there."""

    script_bytes: int
    """Of JavaScript, as it came over the wire."""
    all_bytes: int
    paint_ms: float
    layout_shift: float
    """The sum; below 0.1 is good (Core Web Vitals)."""
    scripts: dict[str, int]


def observe(screen: Screen) -> None:
    """Have the pages that are opened from now on remember how they shift."""
    screen.page.add_init_script(OBSERVE)


def load_of(screen: Screen) -> Load:
    """Return what the page that is shown has cost so far."""
    told: dict[str, Any] = screen.page.evaluate(MEASURE)
    scripts = {
        each["name"]: each["bytes"]
        for each in told["files"]
        if each["name"].endswith(".js")
    }
    return Load(
        script_bytes=sum(scripts.values()),
        all_bytes=told["bytes"] + sum(each["bytes"] for each in told["files"]),
        paint_ms=told["paint"],
        layout_shift=told["shift"],
        scripts=scripts,
    )


def heap_bytes(session: CDPSession) -> int:
    """Return what the page holds once all that is forgotten is gone."""
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])


def heap_while_told(
    screen: Screen, run: FedRun, *, seconds: float, samples: int = 5
) -> list[int]:
    """Have the run tell of itself ten times a second; return the heap meanwhile."""
    session = screen.page.context.new_cdp_session(screen.page)
    found = []
    for _ in range(samples):
        for turn in at_rate(UPDATES_PER_S, seconds / samples):
            run.tell()
            if turn % UPDATES_PER_S == 0:
                # Playwright hears of faults while it is asked something.
                screen.page.title()
        found.append(heap_bytes(session))
    session.detach()
    return found
