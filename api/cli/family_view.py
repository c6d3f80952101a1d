"""How a batch or a benchmark stands, as a person sees it."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from api.cli.numbers import amount, percent, seconds
from api.cli.tables import table
from api.cli.view import STATE_STYLES
from api.client import Counts, Family, Item, ReportState

BAR_WIDTH = 40
MOST_SHOWN = 8
STATES = ("waiting", "queued", "running", "succeeded", "failed", "cancelled", "expired")


def standing(counts: Counts, latest: Iterable[Item] = ()) -> RenderableType:
    """Return a bar, how many are in which state, and what ended last."""
    line = Table.grid(padding=(0, 1))
    line.add_row(
        ProgressBar(
            total=max(1, counts.total), completed=counts.ended, width=BAR_WIDTH
        ),
        Text(f"{counts.ended} of {counts.total}", "bold"),
        _by_state(counts),
    )
    rows = items(latest)
    return Group(line, rows) if rows.row_count else line


def _by_state(counts: Counts) -> Text:
    told = Text()
    for name in STATES:
        if count := getattr(counts, name):
            told.append(f" {count} {name}", STATE_STYLES.get(name, "dim"))
    return told


def items(found: Iterable[Item]) -> Table:
    """Return a row for each job that has ended."""
    rows = table(">index", "job", "state", "method", ">objective", ">to best", ">took")
    for each in found:
        result = each.result or {}
        rows.add_row(
            str(each.index),
            each.job,
            Text(each.state, STATE_STYLES.get(each.state, "")),
            str(result.get("method", each.error.code if each.error else "")),
            amount(_number(result.get("objective"))),
            percent(_number(result.get("gap_to_best_known"))),
            seconds(_number(result.get("elapsed_s"))),
        )
    return rows


def report(told: ReportState) -> RenderableType:
    """Return how methods compare, best first."""
    made = told.report
    rows = table(
        *("method", ">runs", ">best gap", ">mean gap", ">worst gap", ">hits target"),
        *(">expected time", ">primal integral"),
    )
    order = sorted(
        made.contenders,
        key=lambda each: (each.mean_gap is None, each.mean_gap or 0.0),
    )
    for each in order:
        rows.add_row(
            Text(each.contender, "bold"),
            str(each.runs),
            percent(each.best_gap),
            percent(each.mean_gap),
            percent(each.worst_gap),
            f"{each.success_rate:.0%}",
            seconds(each.expected_time_s),
            f"{each.mean_primal_integral:.4g}",
        )
    return Group(rows, _comparisons(told)) if told.final else rows


def _comparisons(told: ReportState) -> RenderableType:
    found = told.report.comparisons
    if not found:
        return Text()
    rows = table("", "against", ">pairs", ">effect", ">p, by Holm")
    for each in found:
        rows.add_row(
            each.first,
            each.second,
            str(each.pairs),
            f"{each.effect:+.2f}",
            f"{each.adjusted_p_value:.3g}",
        )
    return Group(Text(), rows)


def ending(family: Family, found: list[Item]) -> Text:
    """Return what it came to, in a line."""
    by_state = Counter(str(each.state) for each in found)
    told = ", ".join(f"{count} {name}" for name, count in sorted(by_state.items()))
    line = Text.assemble(
        f"{family.id} has ",
        (family.state.value, STATE_STYLES.get(family.state, "")),
        f": {told or 'nothing ran'}",
    )
    if family.elapsed_s is not None:
        line.append(f" in {seconds(family.elapsed_s)}")
    if family.rejected:
        line.append(f"; {len(family.rejected)} were rejected", "yellow")
    return line


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) else None
