"""The end of a job: its result and what is needed to check it."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from api.cli.numbers import amount, percent, seconds, shortened
from api.cli.tables import facts
from api.cli.view import STATE_STYLES, WIDTH
from api.client import Certificate, Job, Result


def report(job: Job) -> RenderableType:
    """Return the panel that closes a solve."""
    style = STATE_STYLES.get(job.state, "white")
    parts: list[RenderableType] = []
    if job.error is not None:
        parts.append(_error(job))
    if job.result is not None:
        parts += [_result(job.result), _certificate_rule()]
        parts.append(_certificate(job.result.certificate))
    elif job.calculated is not None:
        parts.append(facts(job.calculated.outcome or {}, skip=("histogram",)))
    elif job.totals is not None:
        parts.append(facts(job.totals, skip=("report",)))
    elif job.error is None:
        parts.append(Text("It ended without a permutation.", "dim"))
    name = job.instance.name if job.instance else job.method
    return Panel(
        Group(*parts),
        title=Text.assemble((name or job.id, "bold"), " · ", (job.state, style)),
        title_align="left",
        subtitle=Text(job.id, "dim"),
        subtitle_align="right",
        border_style=style,
        width=WIDTH,
        padding=(0, 1),
    )


def _result(result: Result) -> Table:
    grid = _grid()
    grid.add_row("objective", Text(amount(result.objective), "bold"))
    if result.best_known is not None:
        grid.add_row(
            "best known",
            _with_gap(amount(result.best_known), result.gap_to_best_known),
        )
    if result.bound is not None:
        grid.add_row("bound", _with_gap(amount(result.bound), result.gap_to_bound))
    grid.add_row(
        "ended by",
        f"{result.termination.replace('_', ' ')} after {seconds(result.elapsed_s)}, "
        f"{amount(result.iterations)} iterations",
    )
    return grid


def _certificate(certificate: Certificate) -> Table:
    grid = _grid()
    grid.add_row("instance", certificate.instance)
    grid.add_row("permutation", shortened(certificate.permutation))
    how = "exact integers" if certificate.exact else "rounded floats"
    grid.add_row("objective", f"{amount(certificate.objective)}, recomputed, {how}")
    if certificate.bound is not None:
        grid.add_row(
            "bound",
            f"{amount(certificate.bound)} by "
            f"{(certificate.bound_name or 'an unnamed bound').replace('_', ' ')}",
        )
    grid.add_row(
        "method",
        f"{certificate.method} version {certificate.method_version}, "
        f"seed {certificate.seed}",
    )
    return grid


def _certificate_rule() -> Rule:
    return Rule(Text("certificate", "dim"), style="dim", align="left")


def _error(job: Job) -> Text:
    error = job.error
    if error is None:
        return Text()
    return Text.assemble(
        (error.message, "red"), "\n", (error.suggestion, "dim"), f" [{error.code}]"
    )


def _with_gap(value: str, gap: float | None) -> Text:
    style = "bold green" if gap is not None and gap <= 0 else "bold"
    return Text.assemble(value, ("   gap ", "dim"), (percent(gap), style))


def _grid() -> Table:
    # So narrow that a hash fits on one line of 80 columns.
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", width=11)
    grid.add_column(ratio=1, overflow="fold")
    return grid
