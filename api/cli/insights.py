"""`solvequeue insights`: what the history says, and what is done by it."""

from itertools import islice
from typing import Annotated

import typer

from api.cli import automations
from api.cli.exit_codes import EPILOG
from api.cli.given import chosen
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url
from api.cli.output import Output
from api.cli.tables import facts, state, table
from api.client import Client

app = typer.Typer(
    help="See what the history says, with the evidence for it.", no_args_is_help=True
)
app.add_typer(automations.app, name="automations", epilog=EPILOG)

Id = Annotated[str, typer.Argument(help="The insight's: ins_…", metavar="INSIGHT")]
OfKind = Annotated[str | None, typer.Option("--kind", help="Only of this kind.")]
All = Annotated[bool, typer.Option("--all", help="Those too that hold no more.")]


@app.command("list", epilog=EPILOG)
def list_insights(
    kind: OfKind = None,
    all_: All = False,
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List what holds, newest first."""
    filters = chosen(kind=kind, holds=None if all_ else "true")
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.insights.all(**filters), limit))
    rows = table("insight", "state", ">sure", "what", "what it would do")
    for each in found:
        output.emit(each)
        rows.add_row(
            each.id,
            state(each.state),
            f"{each.confidence:.0f} %",
            each.title,
            each.impact_estimate,
        )
    output.show(rows if found else "No insights: there is no evidence for any.")


@app.command(epilog=EPILOG)
def show(
    insight: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show an insight, with its test, interval and window."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.insights.get(insight)
    output.emit(found)
    output.show(facts(found))
