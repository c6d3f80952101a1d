"""`solvequeue queues`: what waits, and letting workers take none of it for a while."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from api.cli.exit_codes import EPILOG
from api.cli.numbers import age, seconds
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.tables import table
from api.client import Client, Queue

app = typer.Typer(
    help="See what waits; pause and resume queues, as an operator.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="interactive, standard or bulk.")]


@app.command("list", epilog=EPILOG)
def list_queues(
    url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """List queues: what waits, what runs, how long a job takes."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.queues.all()
    _show(found, output)


@app.command(epilog=EPILOG)
def pause(
    name: Name, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Let workers take no jobs of a queue; those that run go on."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.queues.pause(name)
    _show([found], output)


@app.command(epilog=EPILOG)
def resume(
    name: Name, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Let workers take jobs of a queue again."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.queues.resume(name)
    _show([found], output)


def _show(found: list[Queue], output: Output) -> None:
    rows = table("queue", ">waiting", ">running", ">oldest", ">takes", "")
    now = datetime.now(UTC)
    for each in found:
        output.emit(each)
        rows.add_row(
            each.name,
            str(each.waiting),
            str(each.running),
            seconds(each.oldest_age_s) if each.waiting else "",
            seconds(each.mean_run_s) if each.mean_run_s else "",
            Text(f"paused {age(each.paused_at, now)} ago", "bold yellow")
            if each.paused_at
            else "",
        )
    output.show(rows)
