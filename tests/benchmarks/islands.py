"""Two islands beside one search: `python -m tests.benchmarks.islands`.

Each seed is solved both ways, in turn, by the same stack with two solver processes:
how long it takes on the clock on the wall, from the request to the recorded end, until
the target is reached. With one search the second process has nothing to do: that is
what another worker is for.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from api.client import Client
from api.stack import PartName, Stack
from db.contracts.settings import Settings

ROOT = Path(__file__).parents[2]
PARTS = (PartName.VALKEY, PartName.SOLVERS, PartName.COURIERS, PartName.API)
TARGETS = {"tai60a": 7_236_000}
"""0.42 % above the best known: one core finds it in ten to thirty seconds or so."""
COMPILE_SECONDS = 600.0
"""The first start compiles all kernels."""


@dataclass(frozen=True, slots=True)
class Run:
    """One job, from its request to its end."""

    seconds: float
    has_reached: bool
    objective: int | float
    winner: int | None
    """Which island found it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", default="tai60a")
    parser.add_argument("--target", type=int)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--islands", type=int, default=2)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=180.0)
    options = parser.parse_args()
    options.target = options.target or TARGETS[options.instance]
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            home=Path(home),
            api_port=0,
            worker_processes=options.processes,
            rate_limits="off",
        )
        kernels = os.environ.get(
            "NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels")
        )
        environment = {"NUMBA_CACHE_DIR": kernels, "SOLVEQUEUE_LOG_LEVEL": "WARNING"}
        stack = Stack(settings, parts=PARTS, environment=environment)
        stack.start(timeout_seconds=COMPILE_SECONDS)
        try:
            with Client(stack.api_url) as client:
                report(client, options)
        finally:
            stack.stop()


def report(client: Client, options: argparse.Namespace) -> None:
    """Run every seed both ways, in turn, and print what it took."""
    console = Console(width=88)
    ways = (1, options.islands)
    runs: dict[int, list[Run]] = {islands: [] for islands in ways}
    table = Table(title=f"{options.instance} to {options.target:,}, seconds")
    for head in ("seed", "one search", f"{options.islands} islands", "found by"):
        table.add_column(head, justify="right")
    for seed in range(1, options.seeds + 1):
        # Neither is always the one that comes first.
        for islands in ways if seed % 2 else ways[::-1]:
            runs[islands].append(solve(client, options, seed=seed, islands=islands))
        one, several = (runs[islands][-1] for islands in ways)
        table.add_row(str(seed), shown(one), shown(several), f"island {several.winner}")
    console.print(table)
    medians = [median(run.seconds for run in runs[islands]) for islands in ways]
    reached = [sum(run.has_reached for run in runs[islands]) for islands in ways]
    ahead = sum(b.seconds < a.seconds for a, b in zip(*runs.values(), strict=True))
    console.print(
        f"Median: {medians[0]:.1f} s by one search, {medians[1]:.1f} s by "
        f"{options.islands} islands: a ratio of {medians[1] / medians[0]:.2f}; "
        f"wanted below 1.\nReached within {options.seconds:g} s: {reached[0]} and "
        f"{reached[1]} of {options.seeds}; those that did not count as that long. The "
        f"islands were ahead with {ahead} of {options.seeds} seeds."
    )


def solve(
    client: Client, options: argparse.Namespace, *, seed: int, islands: int
) -> Run:
    """Solve once; an end without the target counts as the whole limit."""
    limits = {"time_s": options.seconds, "target_objective": options.target}
    started = time.perf_counter()
    job = client.submit_solve(
        options.instance, seed=seed, limits=limits, islands=islands
    )
    ended = client.wait(job.id)
    seconds = time.perf_counter() - started
    assert ended.result is not None, ended.error
    return Run(
        seconds=seconds,
        has_reached=ended.result.objective <= options.target,
        objective=ended.result.objective,
        winner=getattr(ended.result, "island", None),
    )


def shown(run: Run) -> str:
    return f"{run.seconds:.1f}" if run.has_reached else f"> {run.seconds:.0f}"


if __name__ == "__main__":
    main()
