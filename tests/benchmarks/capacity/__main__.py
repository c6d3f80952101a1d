"""What the service costs, and what it can carry: `python -m tests.benchmarks.capacity`.

`measure` writes `.solvequeue/capacity/measured.json`; `fit` makes costs of it, which
`solvequeue capacity --costs` takes (with `--ship` it writes those that come along);
`simulate` holds the planner's waits against discrete events, `check` against the
running service. Without a word it does all of them, and writes tables as Markdown.
"""

import argparse
import json
from pathlib import Path

from api.capacity.costs import SHIPPED, Costs, shipped_costs
from tests.benchmarks.capacity import checking, fitting, measured, tables

FOLDER = Path(".solvequeue/capacity")
MEASURED = FOLDER / "measured.json"
COSTS = FOLDER / "costs.json"
JOBS = 800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    steps = {"measure": measure, "fit": fit, "simulate": simulate, "check": check}
    parser.add_argument("steps", nargs="*", choices=[[], *steps], default=[])
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--minutes", type=float, default=4.0, help="of each check")
    parser.add_argument("--processes", type=int, default=2, help="of the checks")
    parser.add_argument("--ship", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for step in options.steps or steps:
        lines = list(steps[step](options))
        (FOLDER / f"{step}.md").write_text("\n".join(lines) + "\n")
        print("\n".join(lines), flush=True)


def measure(options: argparse.Namespace) -> tables.Lines:
    """Measure both databases, sockets and providers."""
    found = [
        measured.measure(each, jobs=options.jobs, orders=measured.ORDERS)
        for each in measured.DATABASES
    ]
    measured.write(
        found, MEASURED, sockets=measured.sockets(), providers=measured.providers()
    )
    return tables.measured_tables(measured.read(MEASURED))


def fit(options: argparse.Namespace) -> tables.Lines:
    """Fit costs to what was measured last."""
    costs = fitting.fit(measured.read(MEASURED))
    for path in (COSTS, *([SHIPPED] if options.ship else [])):
        path.write_text(json.dumps(costs, indent=2) + "\n")
    return tables.costs_table(Costs.load(COSTS))


def simulate(_: argparse.Namespace) -> tables.Lines:
    """Hold the formulas against simulations of a million jobs."""
    costs = _costs()
    yield from tables.queues_table(checking.queues(costs))
    yield from tables.locked_table(checking.locked(costs))


def check(options: argparse.Namespace) -> tables.Lines:
    """Hold the plan against runs that no cost was fitted to."""
    found = checking.live(
        _costs(), processes=options.processes, minutes=options.minutes
    )
    return tables.live_table(found)


def _costs() -> Costs:
    return Costs.load(COSTS) if COSTS.exists() else shipped_costs()


if __name__ == "__main__":
    main()
