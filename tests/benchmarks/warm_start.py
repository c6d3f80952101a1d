"""How soon a solver is at work, and how much memory its children take.

`python -m tests.benchmarks.warm_start [--methods NAME …]`

First in a copy of the worker with an empty cache of kernels: one start, two at once,
one again. Then the suite `memory` of `python -m worker.qap benchmark`: from the fork to
the first iteration, and the peak of a solve of n = 1000 by each method. Last a solver
as `solvequeue up` runs it, whose child is looked at between jobs.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from api.client import Client
from api.stack import PartName, Stack
from db.contracts.settings import Settings
from worker.qap import METHODS
from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.memory_suite import MemorySuite
from worker.qap.benchmark.suites import SUITES

ROOT = Path(__file__).parents[2]
MIB = 2**20
WARM = "from worker.warmth import warm; warm()"
NOT_LARGE = {"exact": "up to 40 facilities", "linear_assignment": "no flows"}
"""Methods that solve nothing of order 1000 with flows."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    large = [name for name in METHODS if name not in NOT_LARGE]
    parser.add_argument("--methods", nargs="+", default=large, choices=large)
    parser.add_argument("--seconds", type=float, default=30.0, help="a large solve")
    given = parser.parse_args()
    tell_starts()
    is_met = tell_suite(given.methods, given.seconds)
    tell_children()
    return 0 if is_met else 1


def tell_starts() -> None:
    """Print how long processes take to be warm, with and without compiled kernels."""
    with tempfile.TemporaryDirectory() as folder:
        for package in ("worker", "db"):
            shutil.copytree(
                ROOT / package,
                Path(folder) / package,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        tell_start("empty cache", folder)
        tell_start("compiled kernels on disk", folder)
        for kernels in Path(folder).rglob("kernels-*"):
            shutil.rmtree(kernels)
        tell_start("two at once, empty cache", folder, processes=2)


def tell_start(what: str, folder: str, *, processes: int = 1) -> None:
    """Print how long these processes take together, until all are warm."""
    environment = {**os.environ, "PYTHONPATH": folder}
    before, begun = _children_s(), time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-c", WARM], cwd=folder, env=environment)
        for _ in range(processes)
    ]
    statuses = [process.wait() for process in running]
    if any(statuses):
        raise RuntimeError(f"{what}: a process has failed")
    took, used = time.perf_counter() - begun, _children_s() - before
    print(f"{what}: {took:.1f} s, {used:.1f} s of processor time", flush=True)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tell_suite(methods: Sequence[str], seconds: float) -> bool:
    """Print what the suite measures; return whether all that is wanted is there."""
    suite = SUITES["memory"]
    assert isinstance(suite, MemorySuite)
    # Some methods come to their first iteration after many seconds.
    longer = replace(suite, seconds=seconds)
    lines = longer.lines([], Options(methods=tuple(methods)))
    for line in lines:
        print(f"{line.wanted}: {line.measured} ({line.verdict})", flush=True)
    return all(line.verdict is not Verdict.MISSED for line in lines)


def tell_children() -> None:
    """Print what a child of a running solver holds, between jobs."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            home=Path(folder), api_port=0, worker_processes=1, rate_limits="off"
        )
        kernels = {"NUMBA_CACHE_DIR": str(Path(folder) / "kernels")}
        parts = (PartName.VALKEY, PartName.SOLVERS, PartName.API)
        with (
            Stack(settings, parts=parts, environment=kernels) as stack,
            Client(stack.api_url, timeout_seconds=60) as client,
        ):
            pid = stack.handles[PartName.SOLVERS].pid
            assert pid is not None
            _tell_memory("parent", psutil.Process(pid))
            (child,) = psutil.Process(pid).children()
            _tell_memory("child before its first job", child)
            for what, instance, seconds in (
                ("nug12", "nug12", 0.2),
                ("tai60a", "tai60a", 2.0),
                ("order 1000", _large(), 5.0),
                ("nug12 again", "nug12", 0.2),
            ):
                job = client.submit_solve(
                    instance, limits={"time_s": seconds}, cache=False, wait_seconds=60
                )
                assert job.state == "succeeded", job
                _tell_memory(f"child after {what}", child)


def _large() -> dict[str, Any]:
    flow, distance = np.random.default_rng(1).integers(0, 100, (2, 1000, 1000))
    return {
        "flow": (flow + flow.T).tolist(),
        "distance": (distance + distance.T).tolist(),
    }


def _tell_memory(what: str, process: psutil.Process) -> None:
    memory = process.memory_full_info()
    print(
        f"{what}: {memory.uss / MIB:.0f} MiB of its own, {memory.rss / MIB:.0f} MiB "
        "with what it shares",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
