"""The tidy table: one row a run, as CSV and JSON, there and back."""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TextIO

from worker.qap.benchmark.plan import Key

Number = int | float
Trajectory = tuple[tuple[float, Number], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one run went.

    Parameters
    ----------
    instance, n, family
        What was solved, its order, and its kind.
    method, parameters, seed, budget, until, bounds
        By what, with what that differs from the defaults, for how long, and what
        was computed beside it.
    objective
        Of the incumbent at the end, recomputed by `certify`; None if nothing ran.
    best_known
        The least objective published.
    gap
        To the best known, a share; infinite where only the best known is 0.
    bound, gap_to_bound
        The best bound proven in this run, and the gap to it.
    iterations
        Of the method; restarts of a peer.
    elapsed_s
        By the budget's clock, like all times here.
    time_to_best_s
        When the last incumbent came.
    target, time_to_target_s
        The objective aimed at, and when it was reached; None if it was not.
    primal_integral
        Seconds: see `primal_integral`, up to the budget (up to the end of the run,
        where the budget is in iterations).
    termination
        A `Termination`, or ``"unsupported"``, or ``"skipped"``.
    gap_ratio
        This gap over the least gap of a peer in the same circumstances; see
        `with_gap_ratios`.
    note
        What else has to be said.
    trajectory
        Time and objective of each incumbent, as seen between slices.
    """

    instance: str
    n: int
    family: str
    method: str
    parameters: str
    seed: int
    budget: str
    until: str
    bounds: str
    objective: Number | None
    best_known: Number
    gap: float | None
    bound: Number | None
    gap_to_bound: float | None
    iterations: int
    elapsed_s: float
    time_to_best_s: float | None
    target: Number
    time_to_target_s: float | None
    primal_integral: float | None
    termination: str
    gap_ratio: float | None = None
    note: str = ""
    trajectory: Trajectory = ()

    @property
    def key(self) -> Key:
        """What tells its run from every other of the table."""
        return (
            self.instance,
            self.method,
            self.seed,
            self.budget,
            self.parameters,
            self.until,
            self.bounds,
        )

    @property
    def label(self) -> str:
        """The method, with its parameters where they differ from the defaults."""
        return f"{self.method} {self.parameters}".strip()


COLUMNS = tuple(field.name for field in fields(Row))
_TEXTS = {
    "instance",
    "family",
    "method",
    "parameters",
    "budget",
    "until",
    "bounds",
    "termination",
    "note",
}


def ratio_of_gaps(ours: float, theirs: float) -> float:
    """Return how large one gap is beside another.

    Parameters
    ----------
    ours, theirs
        Gaps to the best known, at least 0.

    Returns
    -------
    float
        Below 1 where ours is smaller; 1 for equals, both 0 or both infinite too.

    Examples
    --------
    >>> ratio_of_gaps(0.01, 0.04), ratio_of_gaps(0, 0), ratio_of_gaps(0.01, 0)
    (0.25, 1.0, inf)
    """
    if ours == theirs:
        return 1.0
    return ours / theirs if theirs else math.inf


def with_gap_ratios(rows: Iterable[Row], peers: Iterable[str]) -> list[Row]:
    """Return the rows with `gap_ratio` filled in.

    Parameters
    ----------
    rows
        A whole table.
    peers
        The methods to compare with.

    Returns
    -------
    list of Row
        Where a peer ran on the same instance with the same seed and budget, a row
        of ours has its gap over the least of theirs; elsewhere None.
    """
    rows, names = list(rows), set(peers)
    least: dict[tuple[str, int, str], float] = {}
    for row in rows:
        if row.method in names and row.gap is not None:
            place = (row.instance, row.seed, row.budget)
            least[place] = min(row.gap, least.get(place, math.inf))
    filled = []
    for row in rows:
        theirs = least.get((row.instance, row.seed, row.budget))
        if row.method in names or row.gap is None or theirs is None:
            filled.append(replace(row, gap_ratio=None))
        else:
            filled.append(replace(row, gap_ratio=ratio_of_gaps(row.gap, theirs)))
    return filled


def write_csv_header(stream: TextIO) -> None:
    """Write the names of the columns.

    Parameters
    ----------
    stream
        Opened with ``newline=""``.
    """
    csv.writer(stream, lineterminator="\n").writerow(COLUMNS)


def write_csv_row(stream: TextIO, row: Row) -> None:
    """Write one run, and let it reach the file at once.

    Parameters
    ----------
    stream
        Opened with ``newline=""``.
    row
        What is written; floats so that they are read back unchanged.
    """
    values = [_shown(getattr(row, name)) for name in COLUMNS]
    csv.writer(stream, lineterminator="\n").writerow(values)
    stream.flush()


def read_csv(stream: TextIO) -> list[Row]:
    """Return the rows of a table written before.

    Parameters
    ----------
    stream
        A whole table with its header. A last line that was cut off in the middle,
        as by a power cut, is left out: its run is done again.

    Returns
    -------
    list of Row
        As they were written.

    Raises
    ------
    ValueError
        It is another kind of table, or a line is damaged.
    """
    text = stream.read()
    whole = text[: text.rfind("\n") + 1]
    reader = csv.reader(whole.splitlines(keepends=True))
    header = next(reader, None)
    if header is None or tuple(header) != COLUMNS:
        raise ValueError(f"Not a table of this benchmark: its columns are {header}.")
    rows = []
    for line, values in enumerate(reader, 2):
        if len(values) != len(COLUMNS):
            raise ValueError(f"Line {line} has {len(values)} values.")
        named = dict(zip(COLUMNS, values, strict=True))
        rows.append(Row(**{name: _read(name, text) for name, text in named.items()}))
    return rows


def write_json(stream: TextIO, rows: Sequence[Row]) -> None:
    """Write the table as a list of objects.

    Parameters
    ----------
    stream
        Where to.
    rows
        Infinite gaps become null, as JSON has no infinity.
    """
    objects = [
        {name: _finite(value) for name, value in asdict(row).items()} for row in rows
    ]
    json.dump(objects, stream, indent=1, allow_nan=False)
    stream.write("\n")


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(f"{time_s:.6g}:{number!r}" for time_s, number in value)
    return value if isinstance(value, str) else repr(value)


def _read(name: str, text: str) -> Any:
    if name == "trajectory":
        pairs = (pair.split(":") for pair in text.split())
        return tuple((float(time_s), _number(number)) for time_s, number in pairs)
    if name in _TEXTS:
        return text
    return _number(text) if text else None


def _number(text: str) -> Number:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
