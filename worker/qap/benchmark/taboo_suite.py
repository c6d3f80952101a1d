"""Iterations of taboo search in a second, beside other ways to write it."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.compiled_c import NoCompilerError, compiled
from worker.qap.benchmark.contenders import (
    Step,
    layout_in_c,
    ours,
    textbook,
    textbook_in_c,
)
from worker.qap.benchmark.plan import PlannedRun
from worker.qap.benchmark.table import Row
from worker.qap.qaplib import load

_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TabooSuite:
    """`tabu_search` beside a textbook in numba, one in C, and its own layout in C.

    Parameters
    ----------
    summary
        One sentence: what it shows.
    instances
        Names of the shipped library.
    seconds
        Of each of three rounds of each contender; they take turns.
    least_ratio
        By instance, how many times the textbook in numba is wanted.
    """

    summary: str
    instances: tuple[str, ...]
    seconds: float
    least_ratio: dict[str, float]

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return nothing: this is no solving.

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
        """Measure, in this process.

        Parameters
        ----------
        rows
            Not asked.
        options
            Scale and clock.

        Returns
        -------
        list of Line
            One an instance; ratios are those of the medians of the rounds.
        """
        clock = time.process_time if options.clock == "cpu" else time.perf_counter
        seconds = self.seconds * options.seconds_scale
        lines = []
        with ExitStack() as stack:
            library, reason = None, ""
            try:
                library = stack.enter_context(compiled("textbook.c", "layout.c"))
            except NoCompilerError as error:
                reason = f"; NO C REFERENCE: {error}"
            for name in self.instances:
                instance = load(name)
                steps: dict[str, Step | None] = {
                    "tabu_search": ours(instance),
                    "textbook, numba": textbook(instance),
                }
                if library is not None:
                    steps["textbook, C"] = textbook_in_c(library, instance)
                    steps["our layout, C"] = layout_in_c(library, instance)
                rates = measure(steps, seconds, clock)
                lines.append(self._line(name, instance.order, rates, reason))
        return lines

    def _line(
        self, name: str, order: int, rates: dict[str, float | None], reason: str
    ) -> Line:
        mine = rates["tabu_search"] or 0.0
        measured = f"{mine:,.0f}/s"
        ratios = {}
        for who, rate in rates.items():
            if who == "tabu_search":
                continue
            if rate is None:
                measured += f"; {who}: does not handle this instance"
                continue
            ratios[who] = mine / rate
            measured += f"; {ratios[who]:.2f} x {who} ({rate:,.0f}/s)"
        least = self.least_ratio.get(name)
        wanted = f"taboo iterations/s on {name} (n = {order})"
        if least is None:
            return Line(wanted, measured + reason, Verdict.REPORTED)
        is_met = ratios["textbook, numba"] >= least
        return Line(
            f"{wanted}: >= {least:g} x the textbook in numba",
            measured + reason,
            Verdict.MET if is_met else Verdict.MISSED,
        )


def measure(
    steps: dict[str, Step | None], seconds: float, clock: Callable[[], float]
) -> dict[str, float | None]:
    """Return how many iterations each contender does in a second.

    Parameters
    ----------
    steps
        The contenders; None for one that cannot take part.
    seconds
        About how long each of three rounds lasts.
    clock
        Returns seconds that never fall.

    Returns
    -------
    dict
        The median of the rounds. Contenders take turns, so that whatever slows the
        machine for a while slows all.
    """
    present = {who: step for who, step in steps.items() if step is not None}
    counts = {who: _count(step, seconds, clock) for who, step in present.items()}
    rates: dict[str, list[float]] = {who: [] for who in present}
    for _ in range(_ROUNDS):
        for who, step in present.items():
            rates[who].append(counts[who] / max(step(counts[who], clock), 1e-9))
    return {who: median(rates[who]) if who in rates else None for who in steps}


def _count(step: Step, seconds: float, clock: Callable[[], float]) -> int:
    """Return how many iterations take about so long."""
    iterations = 16
    while (elapsed := step(iterations, clock)) < seconds / 10:
        iterations *= 4
    return max(1, round(iterations * seconds / elapsed))
