"""`solvequeue alerts rules`: when something is beyond its limit."""

from itertools import islice
from typing import Annotated, Any

import typer

from api.cli.exit_codes import EPILOG
from api.cli.given import pairs
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url, Yes
from api.cli.output import Output
from api.cli.tables import facts, state, table
from api.client import AlertRule, Client
from db.contracts.alert import AlertKind

app = typer.Typer(
    help="List, make, change and delete rules, as an operator.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(help="The rule's: alr_…", metavar="RULE")]
Name = Annotated[str, typer.Argument(help="Messages begin with it.")]
Kind = Annotated[AlertKind, typer.Option(help="What it judges; it stays.")]
OfKind = Annotated[AlertKind | None, typer.Option("--kind", help="Only of this one.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A field: severity=critical, value=0.1, for_s=60, provider=Weather, …; "
        "may be given more than once.",
        metavar="FIELD=VALUE",
    ),
]


@app.command("list", epilog=EPILOG)
def list_rules(
    kind: OfKind = None,
    limit: Limit = 200,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List rules, newest first."""
    output = Output(as_json=as_json)
    filters = {} if kind is None else {"kind": kind.value}
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.alert_rules.all(**filters), limit))
    rows = table("rule", "name", "kind", "severity", ">limit", ">open", "")
    for each in found:
        output.emit(each)
        rows.add_row(
            each.id,
            each.name,
            each.kind,
            state(each.severity),
            "" if each.value is None else f"{each.value:g}",
            str(each.open),
            "" if each.enabled else state("disabled"),
        )
    output.show(rows if found else "No rules.")


@app.command(epilog=EPILOG)
def show(
    rule: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show a rule."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.alert_rules.get(rule)
    _show(found, output)


@app.command(epilog=EPILOG)
def create(
    name: Name,
    kind: Kind,
    fields: Fields = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Make a rule.

    Example: solvequeue alerts rules create 'Disk low' --kind disk --set value=0.1
    """
    output, given = Output(as_json=as_json), pairs(fields, "--set")
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.alert_rules.create(name, kind.value, **given)
    _show(found, output)


@app.command(epilog=EPILOG)
def change(
    rule: Id,
    fields: Fields = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Change fields of a rule; open alerts are judged by them from now on.

    Example: solvequeue alerts rules change alr_… --set enabled=false
    """
    output = Output(as_json=as_json)
    given: dict[str, Any] = pairs(fields, "--set")
    if not given:
        raise typer.BadParameter("name a field to change: --set FIELD=VALUE")
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.alert_rules.change(rule, **given)
    _show(found, output)


@app.command(epilog=EPILOG)
def delete(
    rule: Id,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Forget a rule; its alerts end, and are kept."""
    output = Output(as_json=as_json)
    output.confirm(f"Forget {rule}? Its open alerts end.", yes=yes)
    with output.outcome(), Client(url, api_key=api_key) as client:
        client.alert_rules.delete(rule)
    output.emit({"id": rule, "deleted": True})
    output.show(f"{rule} is deleted.")


def _show(found: AlertRule, output: Output) -> None:
    output.emit(found)
    output.show(facts(found))
