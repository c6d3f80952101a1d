"""The picture of a running job."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from api.cli.chart import Line, chart
from api.cli.numbers import amount, percent, rate, seconds, sparkline
from api.cli.standing import Standing

WIDTH = 80
SPARK_WIDTH = 32
FRAME = 4
CHART_HEIGHT = 8
LEAST_STEPS = 2
MAX_NOTES = 3
STATE_STYLES = {
    "queued": "yellow",
    "running": "cyan",
    "succeeded": "green",
    "failed": "red",
    "cancelled": "magenta",
    "expired": "red",
}


def picture(standing: Standing) -> RenderableType:
    """Return the panel that a live view repaints."""
    style = STATE_STYLES.get(standing.state, "white")
    parts: list[RenderableType] = [_facts(standing), *_chart(standing)]
    parts += [Text(note, "yellow") for note in standing.notes[-MAX_NOTES:]]
    return Panel(
        Group(*parts),
        title=Text.assemble(
            (standing.title, "bold"),
            f" · {_method(standing)} · ",
            (standing.state, style),
        ),
        title_align="left",
        subtitle=Text(standing.job.id, "dim"),
        subtitle_align="right",
        border_style=style,
        width=WIDTH,
        padding=(0, 1),
    )


def _chart(standing: Standing) -> list[Text]:
    """Return incumbent and bound over time, once there is something to see."""
    if len(standing.history) + len(standing.bounds) < LEAST_STEPS:
        return []
    lines = [Line("green", standing.bounds), Line("cyan", standing.history)]
    return [
        Text(),
        *chart(
            lines,
            until=standing.elapsed_seconds,
            width=WIDTH - FRAME,
            height=CHART_HEIGHT,
        ),
    ]


def _facts(standing: Standing) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", width=11)
    grid.add_column(justify="right", width=14)
    grid.add_column(ratio=1)
    elapsed = standing.elapsed_seconds
    progress = standing.progress
    iterations = progress.iterations if progress else None
    told = progress.elapsed_s if progress else 0.0
    spark = sparkline(standing.history, until=told, width=SPARK_WIDTH)
    grid.add_row("elapsed", seconds(elapsed), _bar(standing, elapsed))
    grid.add_row("iterations", amount(iterations), Text(rate(iterations, told), "dim"))
    grid.add_row(
        "incumbent", Text(amount(standing.objective), "bold"), Text(spark, "cyan")
    )
    grid.add_row(
        "bound", amount(progress.bound if progress else None), _bound_gap(standing)
    )
    grid.add_row(
        "best known",
        amount(progress.best_known if progress else None),
        _known_gap(standing),
    )
    return grid


def _bar(standing: Standing, elapsed: float) -> RenderableType:
    if standing.state == "queued":
        return Text("waits for a worker", "yellow")
    limit = standing.limit_seconds
    if limit is None:
        return Text(f"attempt {standing.attempt}", "dim")
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(total=limit, completed=min(elapsed, limit), width=20),
        Text(f"of {seconds(limit)}", "dim"),
    )
    return bar


def _bound_gap(standing: Standing) -> Text:
    progress = standing.progress
    if progress is None or progress.gap_to_bound is None:
        return Text()
    name = (progress.bound_name or "").replace("_", " ")
    return _gap(progress.gap_to_bound, "gap to bound", f"  {name}" if name else "")


def _known_gap(standing: Standing) -> Text:
    progress = standing.progress
    if progress is None or progress.gap_to_best_known is None:
        return Text()
    return _gap(progress.gap_to_best_known, "gap to best known", "")


def _gap(gap: float, label: str, after: str) -> Text:
    style = "bold green" if gap <= 0 else "bold"
    return Text.assemble((f"{label} ", "dim"), (percent(gap), style), (after, "dim"))


def _method(standing: Standing) -> str:
    progress = standing.progress
    return (progress.method if progress else standing.job.method) or "solve"
