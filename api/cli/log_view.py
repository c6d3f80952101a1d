"""The picture of a log: its events as a table, and how incumbent and bound went."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.numbers import NOTHING, amount, percent, seconds, sparkline
from api.cli.view import STATE_STYLES, WIDTH
from api.client import Event
from db.contracts.event import JobEnded, Progress

SPARK_WIDTH = 40
Number = int | float


def table(events: Sequence[Event]) -> Table:
    """Return a row for each event; times are since the first."""
    rows = Table(box=None, pad_edge=False, header_style="dim")
    rows.add_column("number", justify="right", no_wrap=True)
    rows.add_column("after", justify="right", no_wrap=True)
    rows.add_column("event", no_wrap=True)
    for heading in ("objective", "bound", "gap"):
        rows.add_column(heading, justify="right", no_wrap=True)
    rows.add_column("method", no_wrap=True)
    for event in events:
        rows.add_row(*row(event, since=events[0]))
    return rows


def line(event: Event, *, since: Event) -> Text:
    """Return an event on a line of its own, without a table around it."""
    number, after, type_, *rest = row(event, since=since)
    names = ("objective", "bound", "gap", "by")
    told = [
        f"  {name} {value}"
        for name, value in zip(names, rest, strict=True)
        if str(value) not in ("", NOTHING)
    ]
    return Text.assemble(f"{number}  ", (f"{after}  ", "dim"), type_, *told)


def row(event: Event, *, since: Event) -> list[str | Text]:
    """Return what a table tells of an event."""
    payload = event.payload
    told = payload if isinstance(payload, Progress | JobEnded) else None
    state = event.type.rpartition(".")[2]
    return [
        str(event.number),
        seconds(_moment(event) - _moment(since)),
        Text(event.type, STATE_STYLES.get(state, "") if event.is_terminal else ""),
        amount(told.objective if told else None),
        amount(told.bound if told else None),
        percent(told.gap_to_bound if told else None),
        (told.method if told else None) or "",
    ]


def trajectory(events: Sequence[Event], *, valid: bool) -> RenderableType:
    """Return how the incumbent fell and the bound rose, over the time of solving."""
    told = [p for event in events if isinstance(p := event.payload, Progress)]
    until = max((each.elapsed_s for each in told), default=0.0)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", width=11)
    grid.add_column(ratio=1)
    grid.add_column(justify="right")
    for name, style, history in (
        ("incumbent", "cyan", _steps([(p.elapsed_s, p.objective) for p in told])),
        ("bound", "green", _steps([(p.elapsed_s, p.bound) for p in told])),
    ):
        line = sparkline(history, until=until, width=SPARK_WIDTH)
        ends = f"{amount(history[0][1])} → {amount(history[-1][1])}" if history else "-"
        grid.add_row(name, Text(line, style), ends)
    last = events[-1]
    state = last.type.rpartition(".")[2] if last.is_terminal else "not ended"
    style = STATE_STYLES.get(state, "yellow")
    grid.add_row("solving", seconds(until), f"{len(events)} events")
    return Panel(
        Group(grid),
        title=Text.assemble((last.subject, "bold"), " · ", (state, style)),
        title_align="left",
        subtitle=Text("a whole log" if valid else "not a whole log", "dim"),
        subtitle_align="right",
        border_style=style if valid else "red",
        width=WIDTH,
        padding=(0, 1),
    )


def _steps(
    told: Sequence[tuple[float, Number | None]],
) -> list[tuple[float, Number]]:
    steps: list[tuple[float, Number]] = []
    for at, value in told:
        if value is not None and (not steps or steps[-1][1] != value):
            steps.append((at, value))
    return steps


def _moment(event: Event) -> float:
    return datetime.fromisoformat(event.time).timestamp()
