"""Pictures of every tab, to be looked at: `python -m tests.browser.screenshots FOLDER`.

At both widths, light and dark, of a service with a small past.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.chromium import chromium, find_chromium
from tests.browser.running import running_service
from tests.browser.screen import DESKTOP, PHONE, Screen, opened
from tests.browser.seeded import History, seeded
from tests.browser.tabs import TABS, look_at
from tests.fleet import fleet

SIZES = {"1440": DESKTOP, "390": PHONE}
COLOURS = ("light", "dark")
PATIENCE_MS = 30_000.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tabs", nargs="+", choices=TABS, default=list(TABS))
    parser.add_argument(
        "--visible", action="store_true", help="what fits on the screen, not all of it"
    )
    arguments = parser.parse_args()
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium here; install the system's package chromium")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    faults: list[str] = []
    with (
        tempfile.TemporaryDirectory() as home,
        fleet() as providers,
        running_service(Path(home)) as service,
        seeded(service, providers) as history,
        chromium(path) as browser,
    ):
        for size, viewport in SIZES.items():
            with opened(
                browser,
                service.stack.api_url,
                PATIENCE_MS,
                size=viewport,
                reduced_motion="reduce",
            ) as screen:
                for name in arguments.tabs:
                    faults += picture(
                        screen,
                        name,
                        history,
                        arguments.folder / f"{name}-{size}",
                        full=not arguments.visible,
                    )
                faults += screen.watch.faults
    for fault in faults:
        print(fault)


def picture(
    screen: Screen, name: str, history: History, path: Path, *, full: bool
) -> list[str]:
    """Write a tab in both colours; return what went wrong."""
    try:
        look_at(TABS[name], screen, history)
    except AssertionError as error:
        # What is there is worth seeing all the more.
        trouble = [f"{path.name}: {str(error).splitlines()[0]}"]
    else:
        trouble = []
    for colours in COLOURS:
        screen.page.emulate_media(color_scheme=colours)
        screen.page.screenshot(
            path=path.with_name(f"{path.name}-{colours}.png"), full_page=full
        )
    return trouble


if __name__ == "__main__":
    main()
