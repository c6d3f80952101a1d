"""`solvequeue methods`: how instances are solved."""

from typing import Annotated

import typer

from api.cli.completion import methods
from api.cli.exit_codes import EPILOG
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.tables import facts, table
from api.client import Client

app = typer.Typer(
    help="List and show the methods, with their parameters.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Of a method.", autocompletion=methods)]


@app.command("list", epilog=EPILOG)
def list_methods(
    url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """List the methods."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.methods()
    rows = table("method", "kind", "what it does")
    for each in found:
        output.emit(each)
        rows.add_row(each.name, each.kind, each.summary)
    output.show(rows)


@app.command(epilog=EPILOG)
def show(
    name: Name, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show a method: its paper, its parameters, how good it was.

    Example: solvequeue methods show memetic
    """
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.method(name)
    output.emit(found)
    output.show(facts(found))
