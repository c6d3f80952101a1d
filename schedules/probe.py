"""Whether the beat of this home goes round: `python -m schedules.probe`.

Beat writes down what it has sent about every three minutes, whether or not anybody
could be reached. A process that hangs does not.
"""

import sys
import time
from pathlib import Path

from db.contracts.settings import Settings

SILENT_SECONDS = 300.0
"""Celery's `PersistentScheduler.sync_every` is 180 s."""


def is_alive(home: Path, now: float) -> bool:
    # Some systems keep it in one file and some in several, with endings of their own.
    written = [path.stat().st_mtime for path in home.glob("beat-schedule*")]
    return bool(written) and now - max(written) < SILENT_SECONDS


def main() -> int:
    return 0 if is_alive(Settings().home, time.time()) else 1


if __name__ == "__main__":
    sys.exit(main())
