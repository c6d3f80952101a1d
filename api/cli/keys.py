"""`solvequeue keys`: keys made, listed and revoked, by an operator."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.cli.exit_codes import EPILOG
from api.cli.numbers import age
from api.cli.options import DEFAULT_URL, Json, Url, Yes
from api.cli.options import ApiKey as Key
from api.cli.output import Output
from api.client import ApiKey, Client
from db.contracts.caller import Scope

app = typer.Typer(
    help="Make, list and revoke keys. The first one with the scope admin is made "
    "beside the database: python -m db.keys create OWNER --scope admin.",
    no_args_is_help=True,
)

Owner = Annotated[
    str, typer.Argument(help="Whose jobs it sees; keys of one owner see the same.")
]
Prefix = Annotated[str, typer.Argument(help="What it begins with: sq_ab12cd34.")]
Name = Annotated[str, typer.Option(help="What it is for.")]
Scopes = Annotated[
    list[Scope] | None,
    typer.Option(
        "--scope",
        help="May be given more than once; jobs:read and jobs:write if not given.",
    ),
]
Days = Annotated[
    float | None, typer.Option(help="It opens nothing after so many days.")
]
MaxQueued = Annotated[
    int | None, typer.Option(min=1, help="So many of the owner's jobs may wait.")
]
MaxRunning = Annotated[
    int | None,
    typer.Option(min=1, help="So many of the owner's jobs run at once in a queue."),
]


@app.command(epilog=EPILOG)
def create(
    owner: Owner,
    name: Name = "",
    scope: Scopes = None,
    expires_days: Days = None,
    max_queued: MaxQueued = None,
    max_running: MaxRunning = None,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Make a key and show it: this once."""
    fields: dict[str, Any] = {
        "name": name or None,
        "scopes": [each.value for each in scope] if scope else None,
        "expires_days": expires_days,
        "max_queued": max_queued,
        "max_running": max_running,
    }
    given = {field: value for field, value in fields.items() if value is not None}
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        made = client.create_key(owner, **given)
    output.emit(made)
    output.note("Shown this once; keep it where only its owner can read.")
    output.show(Text(made.key))


@app.command("list", epilog=EPILOG)
def list_keys(
    url: Url = DEFAULT_URL, api_key: Key = None, as_json: Json = False
) -> None:
    """List all keys, newest first, also those that open nothing any more."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.keys()
    for key in found:
        output.emit(key)
    output.show(_table(found) if found else "No keys.")


@app.command(epilog=EPILOG)
def revoke(
    prefix: Prefix,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Let a key open nothing any more; every process knows some seconds later."""
    output = Output(as_json=as_json)
    output.confirm(f"Revoke {prefix}? There is no way back.", yes=yes)
    with output.outcome(), Client(url, api_key=api_key) as client:
        client.revoke_key(prefix)
    output.emit({"prefix": prefix, "revoked": True})
    output.show(f"{prefix} is revoked.")


def _table(keys: list[ApiKey]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("key", "owner", "name", "scopes", "state"):
        table.add_column(heading, overflow="fold")
    table.add_column("used", justify="right", no_wrap=True)
    now = datetime.now(UTC)
    for key in keys:
        used = key.last_used_at
        table.add_row(
            key.prefix,
            key.owner,
            key.name,
            " ".join(key.scopes),
            _state(key, now),
            "" if used is None else age(used, now),
        )
    return table


def _state(key: ApiKey, now: datetime) -> Text:
    if key.revoked_at is not None:
        return Text("revoked", "red")
    if key.expires_at is None:
        return Text("good", "green")
    if datetime.fromisoformat(key.expires_at) <= now:
        return Text("expired", "red")
    return Text(f"to {key.expires_at[:10]}", "green")
