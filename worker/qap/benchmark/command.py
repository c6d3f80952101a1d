"""The command line: ``python -m worker.qap benchmark``."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from worker.qap.benchmark.claim import SEEDS, Options, Suite
from worker.qap.benchmark.peers import PEERS
from worker.qap.benchmark.plan import Budget, PlannedRun, cross, matching
from worker.qap.benchmark.session import Files, judge, rows_kept, run_all, show
from worker.qap.benchmark.suites import SUITES
from worker.qap.bounds import BOUNDS
from worker.qap.exceptions import (
    QAPError,
    UnknownBoundError,
    UnknownMethodError,
)
from worker.qap.methods import METHODS

_QUICK_SCALE = 0.1
_DESCRIPTION = (
    "Run instances by methods by seeds by budgets, or a suite that tells what was "
    "wanted beside what was measured. Each run has one process and one thread."
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options.

    Returns
    -------
    ArgumentParser
        For `main`.
    """
    p = argparse.ArgumentParser("python -m worker.qap benchmark", None, _DESCRIPTION)
    what = p.add_argument_group("what to run")
    what.add_argument(
        "--suite", nargs="+", metavar="NAME", help=f"all, or {', '.join(SUITES)}"
    )
    what.add_argument(
        "--instances", nargs="+", metavar="NAME", help="names or patterns: 'sko*'"
    )
    what.add_argument(
        "--methods",
        nargs="+",
        metavar="NAME",
        help=f"of {', '.join(METHODS)}; peers: {', '.join(PEERS)}; for a suite: "
        "in place of its own",
    )
    what.add_argument(
        "--seeds", type=seeds, default=None, metavar="LIST", help="such as 1-5 or 1,7"
    )
    what.add_argument("--seconds", nargs="+", type=float, default=[], metavar="S")
    what.add_argument(
        "--iterations",
        nargs="+",
        type=int,
        default=[],
        metavar="N",
        help="a budget that is the same on every machine; restarts of peers",
    )
    what.add_argument("--clock", choices=("cpu", "wall"), default="cpu")
    what.add_argument(
        "--parameter",
        action="append",
        type=parameter,
        default=[],
        metavar="NAME=VALUE",
        help="of our methods; may be repeated",
    )
    what.add_argument("--bounds", nargs="*", default=["gilmore_lawler"], metavar="NAME")
    what.add_argument(
        "--target-gap", type=float, default=0.0, metavar="G", help="0.01 is 1 per cent"
    )
    what.add_argument(
        "--stop-at-best-known", action=argparse.BooleanOptionalAction, default=True
    )
    what.add_argument(
        "--patient", action="store_true", help="2-opt of scipy for n >= 150 too"
    )
    how = p.add_argument_group("how")
    how.add_argument("--jobs", type=int, default=1, metavar="N")
    how.add_argument("--csv", type=Path, metavar="FILE", help="a new file")
    how.add_argument("--json", type=Path, metavar="FILE")
    how.add_argument(
        "--resume", type=Path, metavar="FILE", help="as --csv; rows there are kept"
    )
    how.add_argument(
        "--seconds-scale", type=float, default=1.0, metavar="X", help="for suites"
    )
    how.add_argument(
        "--quick",
        action="store_true",
        help="suites with one seed and a tenth of the time",
    )
    how.add_argument(
        "--strict", action="store_true", help="end with 1 if a line is missed"
    )
    return p


def main(arguments: Sequence[str], out: TextIO) -> int:
    """Run a benchmark.

    Parameters
    ----------
    arguments
        Without the name of the command.
    out
        Where to write.

    Returns
    -------
    int
        0; 1 with ``--strict`` if a line is missed; 2 for wrong usage; 130 if
        interrupted.
    """
    options = parser()
    given = options.parse_args(arguments)
    try:
        return _run(given, out)
    except QAPError as error:
        way_out = getattr(error, "suggestion", "")
        options.error(str(error) if way_out in str(error) else f"{error} {way_out}")
    except ValueError as error:
        options.error(str(error))
    except KeyboardInterrupt:
        path = given.resume or given.csv
        again = f"; go on with --resume {path}" if path else ""
        out.write(f"\nInterrupted{again}.\n")
        return 130


def seeds(text: str) -> tuple[int, ...]:
    """Return the seeds that a text names.

    Parameters
    ----------
    text
        Numbers and ranges with commas between.

    Returns
    -------
    tuple of int
        Each once, in the order given.

    Raises
    ------
    ValueError
        It names none, or is none such text.

    Examples
    --------
    >>> seeds("1-3,7")
    (1, 2, 3, 7)
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(dict.fromkeys(range(int(first), int(last or first) + 1)))
    if not found:
        raise ValueError(f"{text!r} names no seed.")
    return tuple(found)


def parameter(text: str) -> tuple[str, float]:
    """Return a name and its value.

    Parameters
    ----------
    text
        With an equals sign.

    Returns
    -------
    tuple of str and float
        The value is whole if it is written so.

    Raises
    ------
    ValueError
        It is none such text.

    Examples
    --------
    >>> parameter("tenure=8"), parameter("rate=0.5")
    (('tenure', 8), ('rate', 0.5))
    """
    name, _, value = text.partition("=")
    number = float(value)
    return name.strip(), int(number) if number.is_integer() else number


def _run(given: argparse.Namespace, out: TextIO) -> int:
    if given.csv and given.csv.exists():
        raise ValueError(f"{given.csv} exists: --resume it, or give another name.")
    if bool(given.suite) == bool(given.instances):
        raise ValueError("Give either --suite or --instances.")
    _refuse_what_would_be_ignored(given)
    for name in given.bounds:
        if name not in BOUNDS:
            raise UnknownBoundError(name, BOUNDS)
    suites, options = _suites(given), _options(given)
    if given.quick:
        out.write("QUICK: one seed, a tenth of the time. It shows that all works.\n")
    runs = [run for suite in suites.values() for run in suite.runs(options)]
    if not suites:
        runs = _crossed(given)
    path = given.resume or given.csv
    kept = rows_kept(given.resume) if given.resume else []
    files = Files(csv=path, json=given.json)
    rows = run_all(runs, kept=kept, files=files, jobs=given.jobs, out=out)
    if not suites:
        # A table may have been gathered by several calls: all of it is compared.
        show(rows, out)
        return 0
    asked = {run.key for run in runs}
    mine = [row for row in rows if row.key in asked]
    if mine:
        show(mine, out)
    return 0 if judge(suites, mine, options, out) or not given.strict else 1


def _refuse_what_would_be_ignored(given: argparse.Namespace) -> None:
    defaults = parser().parse_args([])
    of_suites = ("seconds_scale", "quick", "strict")
    of_crosses = (
        *("seconds", "iterations", "parameter", "target_gap"),
        *("stop_at_best_known", "patient"),
    )
    for name in of_crosses if given.suite else of_suites:
        if getattr(given, name) != getattr(defaults, name):
            where = "with --suite" if given.suite else "without --suite"
            raise ValueError(f"--{name.replace('_', '-')} means nothing {where}.")


def _suites(given: argparse.Namespace) -> dict[str, Suite]:
    wanted = given.suite or []
    if "all" in wanted:
        return dict(SUITES)
    for name in wanted:
        if name not in SUITES:
            raise ValueError(f"There is no suite {name!r}: {', '.join(SUITES)}.")
    return {name: SUITES[name] for name in wanted}


def _options(given: argparse.Namespace) -> Options:
    scale = given.seconds_scale * (_QUICK_SCALE if given.quick else 1)
    if not scale > 0:
        raise ValueError("--seconds-scale must be above 0.")
    chosen = given.seeds or ((1,) if given.quick else SEEDS)
    methods = tuple(given.methods or ())
    if methods:
        _require_methods(methods)
    return Options(
        seeds=chosen,
        seconds_scale=scale,
        clock=given.clock,
        methods=methods,
        bounds=tuple(given.bounds),
    )


def _crossed(given: argparse.Namespace) -> list[PlannedRun]:
    methods = given.methods or ["tabu_search"]
    _require_methods(methods)
    budgets = [Budget(seconds=s, clock=given.clock) for s in given.seconds]
    budgets += [Budget(iterations=n, clock=given.clock) for n in given.iterations]
    runs = cross(
        matching(given.instances),
        methods,
        given.seeds or (1,),
        budgets or [Budget(seconds=1, clock=given.clock)],
        parameters=given.parameter,
        target_gap=given.target_gap,
        stops_at_target=given.stop_at_best_known,
        bounds=given.bounds,
        is_patient=given.patient,
    )
    # Peers have none.
    return [replace(run, parameters=()) if run.method in PEERS else run for run in runs]


def _require_methods(methods: Sequence[str]) -> None:
    for name in methods:
        if name not in METHODS and name not in PEERS:
            raise UnknownMethodError(name, [*METHODS, *PEERS])
