"""Hours of modest, mixed load on the whole stack: `python -m tests.benchmarks.soak`.

At the end nothing may be lost or told twice, and memory and latency have to be flat.
The report and what it was made of stand in `.solvequeue/soak/`; `--judge FOLDER` makes
it again of an earlier run.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.benchmarks.soak.plan import SoakPlan
from tests.benchmarks.soak.report import make_report
from tests.benchmarks.soak.run import soak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=SoakPlan.minutes)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default=SoakPlan.database
    )
    parser.add_argument(
        "--jobs-per-second", type=float, default=SoakPlan.jobs_per_second
    )
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--judge", type=Path, default=None, metavar="FOLDER")
    options = parser.parse_args()
    if options.judge is not None:
        return tell(options.judge)
    plan = SoakPlan(
        database=options.database,
        minutes=options.minutes,
        jobs_per_second=options.jobs_per_second,
    )
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder = options.folder or Path(".solvequeue/soak") / f"{stamp}-{plan.database}"
    soak(plan, folder)
    return tell(folder)


def tell(folder: Path) -> int:
    """Print the report of a run; return 0, 1 if broken, 3 if undecided."""
    report = make_report(folder)
    print((folder / "report.md").read_text())
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
