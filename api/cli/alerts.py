"""`solvequeue alerts`: what is beyond its limit."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from api.cli import alert_rules
from api.cli.exit_codes import EPILOG
from api.cli.given import chosen
from api.cli.numbers import age
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url
from api.cli.output import Output
from api.cli.tables import facts, state, table
from api.client import Alert, Client

app = typer.Typer(
    help="See what is beyond its limit; say that it was seen, or is over.",
    no_args_is_help=True,
)
app.add_typer(alert_rules.app, name="rules", epilog=EPILOG)

Id = Annotated[str, typer.Argument(help="The alert's: alt_…", metavar="ALERT")]
InState = Annotated[str | None, typer.Option("--state", help="open or resolved.")]
Severity = Annotated[str | None, typer.Option(help="info, warning or critical.")]
OfKind = Annotated[str | None, typer.Option("--kind", help="Of this kind of rule.")]
OfProvider = Annotated[str | None, typer.Option("--provider", help="A name or an id.")]
Unseen = Annotated[
    bool, typer.Option("--unseen", help="Only those that nobody has acknowledged.")
]
Note = Annotated[str | None, typer.Option(help="What others should know.")]


@app.command("list", epilog=EPILOG)
def list_alerts(
    state_: InState = None,
    severity: Severity = None,
    kind: OfKind = None,
    provider: OfProvider = None,
    unseen: Unseen = False,
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List alerts, newest first.

    Example: solvequeue alerts list --state open --unseen
    """
    filters = chosen(
        state=state_,
        severity=severity,
        kind=kind,
        provider=provider,
        acknowledged="false" if unseen else None,
    )
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.alerts.all(**filters), limit))
    rows = table("alert", "state", "severity", "what", ">since", "seen by")
    now = datetime.now(UTC)
    for each in found:
        output.emit(each)
        rows.add_row(
            each.id,
            state(each.state),
            state(each.severity),
            each.message,
            age(each.raised_at, now),
            each.acknowledged_by or "",
        )
    output.show(rows if found else "No alerts.")


@app.command(epilog=EPILOG)
def show(
    alert: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show an alert."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.alerts.get(alert)
    output.emit(found)
    output.show(facts(found))


@app.command(epilog=EPILOG)
def ack(
    alert: Id,
    note: Note = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Say that it was seen, as an operator; who was first stays."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.alerts.acknowledge(alert, note=note)
    _say(found, f"was seen by {found.acknowledged_by}", output)


@app.command(epilog=EPILOG)
def resolve(
    alert: Id,
    note: Note = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Say that it is over, as an operator; what goes on is raised again."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.alerts.resolve(alert, note=note)
    _say(found, "is over", output)


def _say(found: Alert, told: str, output: Output) -> None:
    output.emit(found)
    output.show(f"{found.id} {told}.")
