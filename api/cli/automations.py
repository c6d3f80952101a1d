"""`solvequeue insights automations`: what the service may do by what it has seen."""

from itertools import islice
from typing import Annotated

import typer

from api.cli.exit_codes import EPILOG
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url
from api.cli.output import Output
from api.cli.tables import state, table
from api.client import Automation, Client

app = typer.Typer(
    help="Switch what the service does by itself, and undo it; as an operator.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="route_auto or pause_provider.")]
Entry = Annotated[str, typer.Argument(help="The entry's, of its log.", metavar="ENTRY")]


@app.command("list", epilog=EPILOG)
def list_automations(
    url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """List automations, with whether they are on."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.automations.all()
    _show(found, output)


@app.command(epilog=EPILOG)
def enable(
    name: Name, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Let the service do it."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.automations.enable(name)
    _show(found, output)


@app.command(epilog=EPILOG)
def disable(
    name: Name, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Let the service do it no more; what was done stays."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.automations.disable(name)
    _show(found, output)


@app.command(epilog=EPILOG)
def log(
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List what was done, newest first."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.automations.log(), limit))
    rows = table("entry", "by", "at", "what", "undone")
    for each in found:
        output.emit(each)
        rows.add_row(
            each.id,
            each.automation,
            each.created_at,
            each.summary,
            each.undone_at or "",
        )
    output.show(rows if found else "Nothing was done.")


@app.command(epilog=EPILOG)
def undo(
    entry: Entry, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Put back what was there before, if nobody has changed it since."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.automations.undo(entry)
    output.emit(found)
    output.show(f"{found.id} is undone: {found.summary}")


def _show(found: list[Automation], output: Output) -> None:
    rows = table("automation", "", "what it does", "changed by")
    for each in found:
        output.emit(each)
        rows.add_row(
            each.name,
            state("active" if each.enabled else "disabled"),
            each.summary,
            each.changed_by or "",
        )
    output.show(rows)
