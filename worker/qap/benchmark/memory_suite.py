"""How soon a worker's child is at work, and how much memory it takes."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
import psutil
from typing_extensions import override

from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.gap_suite import present
from worker.qap.benchmark.plan import PlannedRun
from worker.qap.benchmark.pool import limit_threads
from worker.qap.benchmark.table import Row
from worker.qap.instance import Instance
from worker.qap.methods import METHODS
from worker.qap.observer import Observer
from worker.qap.qaplib import load
from worker.qap.result import Progress
from worker.qap.solve import solve
from worker.qap.stop import IterationLimit, TimeLimit
from worker.qap.warm_up import warm_up

_MB = 2**20
_ORDER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySuite:
    """Start and memory of processes that solve, as the worker makes them.

    Parameters
    ----------
    summary
        One sentence: what it shows.
    start_s
        Wanted at most from the fork of a warm parent to the first iteration.
    peak_mb
        Wanted at most as the peak resident set of a solve of n = 1000.
    seconds
        Of that solve; not scaled, for it must come to iterate.
    methods
        Of that solve.
    """

    summary: str
    start_s: float
    peak_mb: float
    seconds: float
    methods: tuple[str, ...] = ("tabu_search", "memetic", "auto")

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return nothing: each measurement needs a process of its own.

        Parameters
        ----------
        options
            Not asked.

        Returns
        -------
        list of PlannedRun
            Empty.
        """
        return []

    def lines(self, rows: list[Row], options: Options) -> list[Line]:
        """Measure, in processes started for it.

        Parameters
        ----------
        rows
            Not asked.
        options
            Methods. Times are those of the wall: waiting counts.

        Returns
        -------
        list of Line
            Start, memory of a child, and a peak a method.
        """
        if sys.platform == "win32":
            reason = "measured where processes fork, not on Windows"
            return [Line(self.summary, reason, Verdict.NOT_THERE)]
        limit_threads()
        child = _in_a_new_process(_warm_child)
        lines = [
            Line(
                f"a forked warm child begins to iterate within {self.start_s:g} s",
                f"{child['start_s']:.3f} s; a new process, compiled kernels on disk, "
                f"in {child['new_process_s']:.2f} s",
                Verdict.MET if child["start_s"] <= self.start_s else Verdict.MISSED,
            ),
            Line(
                "memory of a child that has solved nug30",
                f"{child['own_mb']:.0f} MB of its own, {child['shared_mb']:.0f} MB "
                f"shared with its parent",
                Verdict.REPORTED,
            ),
        ]
        for method in options.methods or self.methods:
            wanted = f"{method}: peak memory at n = {_ORDER} <= {self.peak_mb:g} MB"
            if not present((method,)) or method not in METHODS:
                reason = f"{method} is not in the registry"
                lines.append(Line(wanted, reason, Verdict.NOT_THERE))
                continue
            large = _in_a_new_process(_large_solve, method, self.seconds)
            is_met = large["peak_mb"] <= self.peak_mb and large["iterations"] > 0
            measured = (
                f"{large['peak_mb']:.0f} MB, {large['iterations']:.0f} iterations"
            )
            lines.append(
                Line(wanted, measured, Verdict.MET if is_met else Verdict.MISSED)
            )
        return lines


class _FirstIteration(Observer):
    """Remembers when a slice had first done something."""

    at_s = 0.0

    @override
    def on_slice(self, progress: Progress) -> None:
        if not self.at_s and progress.iterations:
            self.at_s = time.perf_counter()


def _in_a_new_process(
    function: Callable[..., None], *arguments: str | float
) -> dict[str, float]:
    """Return what `function` sends from a process that shares nothing with this one."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=function, args=(sender, time.perf_counter(), *arguments)
    )
    process.start()
    sender.close()
    try:
        answer: dict[str, float] = receiver.recv()
    except EOFError as error:
        raise RuntimeError(f"{function.__name__} died before it answered.") from error
    finally:
        process.join()
    return answer


def _warm_child(sender: Connection, begun_s: float) -> None:
    # A child of a warm parent, as the worker's pool forks them; clocks are shared.
    warm_up(fractions=False)
    _solve_small(IterationLimit(1000))
    new_process_s = time.perf_counter() - begun_s
    context = get_context("fork")
    receiver, child_sender = context.Pipe(duplex=False)
    forked_s = time.perf_counter()
    child = context.Process(target=_forked, args=(child_sender, forked_s))
    child.start()
    answer = receiver.recv()
    child.join()
    sender.send(answer | {"new_process_s": new_process_s})


def _forked(sender: Connection, forked_s: float) -> None:
    first = _solve_small(TimeLimit(0.5))
    memory = psutil.Process().memory_full_info()
    own = getattr(memory, "uss", memory.rss)
    sender.send(
        {
            "start_s": first.at_s - forked_s,
            "own_mb": own / _MB,
            "shared_mb": (memory.rss - own) / _MB,
        }
    )


def _solve_small(stop: IterationLimit | TimeLimit) -> _FirstIteration:
    observer = _FirstIteration()
    rng = np.random.default_rng(1)
    solve(load("nug30"), stop=stop, rng=rng, observer=observer)
    return observer


def _large_solve(sender: Connection, _: float, method: str, seconds: float) -> None:
    import resource

    warm_up(fractions=False)
    rng = np.random.default_rng(1)
    flow, distance = rng.integers(0, 100, (2, _ORDER, _ORDER))
    instance = Instance(flow + flow.T, distance + distance.T)
    result = solve(instance, method, stop=TimeLimit(seconds), rng=rng)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In bytes on macOS, in KiB elsewhere.
    scale = 1 if sys.platform == "darwin" else 1024
    sender.send({"peak_mb": peak * scale / _MB, "iterations": result.iterations})
