"""`solvequeue up`: the whole stack in the foreground."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.cli.exit_codes import ExitCode
from api.cli.options import DEFAULT_URL, Json
from api.cli.output import Output
from api.cli.starting import starting
from api.stack import PartName, Stack, Supervisor
from db.contracts.settings import Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(as_json: Json = False) -> None:
    """Run the whole stack here: API, workers, beat, Flower, Valkey.

    Ctrl-C drains and stops it; a second one kills. Settings come from the
    environment, for example SOLVEQUEUE_API_PORT and SOLVEQUEUE_HOME.
    """
    output = Output(as_json=as_json)
    stack = Stack(Settings())
    with output.outcome(), _interruptible(stack):
        _start(stack, output)
        try:
            _tell(stack, output)
            Supervisor(stack, tell=output.note).run(threading.Event())
        except KeyboardInterrupt:
            output.show("\nStopping: running jobs give themselves back. Ctrl-C kills.")
        finally:
            stack.stop()
    output.emit({"status": "stopped"})
    output.show("Stopped.")
    raise typer.Exit(ExitCode.OK)


@contextmanager
def _interruptible(stack: Stack) -> Iterator[None]:
    """Let the first signal interrupt, and each further one kill."""
    count = 0

    def interrupt(_: int, __: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count == 1:
            raise KeyboardInterrupt
        stack.kill()

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(stack: Stack, output: Output) -> None:
    with starting(output) as on_ready:

        def tell(name: str) -> None:
            on_ready(name)
            output.emit({"part": name, "status": "ready"})

        stack.start(on_ready=tell)


def _tell(stack: Stack, output: Output) -> None:
    plan = stack.plan
    output.emit(
        {
            "status": "up",
            "api": plan.api_url,
            "docs": f"{plan.api_url}/docs",
            "flower": plan.flower_url,
            "flower_user": stack.settings.flower_user,
            "flower_password": plan.flower_password,
            "home": str(stack.home),
            "pids": {name: handle.pid for name, handle in stack.handles.items()},
        }
    )
    places = Table.grid(padding=(0, 3))
    places.add_row("API", Text(plan.api_url, "bold cyan"))
    places.add_row("Docs", Text(f"{plan.api_url}/docs", "cyan"))
    places.add_row(
        "Flower",
        Text.assemble(
            (plan.flower_url, "cyan"),
            f"  {stack.settings.flower_user} / {plan.flower_password}",
        ),
    )
    places.add_row("Home", str(stack.home))
    output.show(
        Panel(places, title="SolveQueue is up", border_style="green", expand=False)
    )
    output.show(_parts(stack))
    where = "" if plan.api_url == DEFAULT_URL else f" --url {plan.api_url}"
    output.show(
        f"\nTry [bold]solvequeue solve nug30{where}[/]. Ctrl-C drains and stops."
    )


def _parts(stack: Stack) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("part", "pid", "what it does", "log"):
        table.add_column(heading, overflow="fold")
    for name, handle in stack.handles.items():
        title = (
            "carries messages and events"
            if name is PartName.VALKEY
            else stack.descriptions[name].title
        )
        log = handle.log_path.relative_to(stack.home)
        table.add_row(name, str(handle.pid), title, str(log))
    return table
