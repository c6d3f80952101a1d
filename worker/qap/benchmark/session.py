"""A whole benchmark: run what is left, show it as it comes, keep it, judge it."""

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TextIO

from worker.qap.benchmark.claim import SEEDS, Line, Options, Suite, Verdict
from worker.qap.benchmark.peers import PEERS
from worker.qap.benchmark.plan import PlannedRun, longest_s
from worker.qap.benchmark.pool import perform_all
from worker.qap.benchmark.report import report
from worker.qap.benchmark.table import (
    Row,
    read_csv,
    with_gap_ratios,
    write_csv_header,
    write_csv_row,
    write_json,
)
from worker.qap.benchmark.text import duration, per_cent, seconds

_PACKAGES = ("numpy", "scipy", "numba")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the table is kept.

    Parameters
    ----------
    csv
        Written row by row; None keeps nothing.
    json
        Written at the end, or not.
    """

    csv: Path | None = None
    json: Path | None = None


def machine() -> str:
    """Return what the figures depend on.

    Returns
    -------
    str
        Python, the packages that do the work, the processor.
    """
    parts = [f"Python {platform.python_version()}"]
    for name in _PACKAGES:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    cores = os.cpu_count() or 1
    return f"{', '.join(parts)}; {platform.machine()}, {cores} cores"


def rows_kept(path: Path) -> list[Row]:
    """Return the rows of an interrupted benchmark.

    Parameters
    ----------
    path
        Of the CSV file; need not exist.

    Returns
    -------
    list of Row
        Those that were finished.

    Raises
    ------
    ValueError
        It is a file of another kind.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return read_csv(stream)


def run_all(
    runs: Sequence[PlannedRun],
    *,
    kept: Sequence[Row],
    files: Files,
    jobs: int,
    out: TextIO,
) -> list[Row]:
    """Do those runs that are not in the table yet, and return the whole table.

    Parameters
    ----------
    runs
        What the table is to hold.
    kept
        What it holds already.
    files
        Where it is kept.
    jobs
        How many at a time.
    out
        Where to write how it goes.

    Returns
    -------
    list of Row
        With gap ratios; rows kept that nobody asked for are there too.
    """
    done = {row.key for row in kept}
    left = [run for run in dict.fromkeys(runs) if run.key not in done]
    skipped = len(set(runs)) - len(left)
    out.write(f"{machine()}\n{_estimate(left, skipped, jobs)}\n")
    table = with_gap_ratios(kept, PEERS)
    stream = None
    if files.csv is not None:
        _rewrite(files.csv, table)
        stream = files.csv.open("a", encoding="utf-8", newline="")
    try:
        if left:
            for number, row in enumerate(perform_all(left, jobs=jobs), 1):
                table.append(row)
                if stream is not None:
                    write_csv_row(stream, row)
                out.write(f"{number:{len(str(len(left)))}}/{len(left)} {_shown(row)}\n")
                out.flush()
    finally:
        if stream is not None:
            stream.close()
    table = with_gap_ratios(table, PEERS)
    if files.csv is not None:
        _rewrite(files.csv, table)
    if files.json is not None:
        with files.json.open("w", encoding="utf-8") as whole:
            write_json(whole, table)
    return table


def show(rows: Sequence[Row], out: TextIO) -> None:
    """Write what the table says.

    Parameters
    ----------
    rows
        A table with its gap ratios.
    out
        Where to.
    """
    out.write(f"\n{report(rows)}")


def judge(
    suites: dict[str, Suite], rows: list[Row], options: Options, out: TextIO
) -> bool:
    """Write every line that the suites want, and whether it is met.

    Parameters
    ----------
    suites
        By name.
    rows
        The table.
    options
        As the runs were planned with.
    out
        Where to.

    Returns
    -------
    bool
        Whether no line is missed. What is not there is not missed.
    """
    lines: list[Line] = []
    for name, suite in suites.items():
        out.write(f"\n{name}: {suite.summary}\n")
        out.flush()
        found = suite.lines(rows, options)
        lines += found
        for line in found:
            out.write(
                f"  {line.verdict:9}  wanted    {line.wanted}\n"
                f"             measured  {line.measured}\n"
            )
    counts = ", ".join(
        f"{sum(line.verdict is verdict for line in lines)} {verdict}"
        for verdict in Verdict
    )
    out.write(f"\n{counts}\n")
    if options.seconds_scale != 1 or len(options.seeds) < len(SEEDS):
        out.write(
            f"NOT THE FULL MEASURE: times x {options.seconds_scale:g}, "
            f"{len(options.seeds)} seeds. Verdicts are hints.\n"
        )
    return all(line.verdict is not Verdict.MISSED for line in lines)


def _estimate(left: Sequence[PlannedRun], skipped: int, jobs: int) -> str:
    text = f"{len(left)} runs, {jobs} at a time"
    if skipped:
        text += f" ({skipped} more are in the table already)"
    longest = longest_s(left, jobs)
    if longest:
        text += f": at most about {duration(longest)} of budgets"
        if any(run.stops_at_target for run in left):
            text += ", far less where the target is reached early"
    if any(run.budget.iterations is not None for run in left):
        text += "; runs limited by iterations take as long as they take"
    return f"{text}."


def _shown(row: Row) -> str:
    words = [
        f"{row.instance:8}",
        f"{row.label:20}",
        f"seed {row.seed}",
        row.budget,
        f"{'-' if row.objective is None else row.objective:>12}",
        f"{per_cent(row.gap):>8} %",
        f"{seconds(row.elapsed_s):>6} s",
        row.termination,
        row.note,
    ]
    if row.gap is not None and math.isinf(row.gap):
        words.append("(the best known is 0)")
    return "  ".join(words).rstrip()


def _rewrite(path: Path, rows: Sequence[Row]) -> None:
    """Write the table anew beside the old one, then put it in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8", newline="") as stream:
        write_csv_header(stream)
        for row in rows:
            write_csv_row(stream, row)
    fresh.replace(path)
