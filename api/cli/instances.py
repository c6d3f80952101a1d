"""`solvequeue instances`: the library, and what was stored."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.completion import instances
from api.cli.exit_codes import EPILOG
from api.cli.given import STDIN
from api.cli.instance_file import read_instance
from api.cli.numbers import amount
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.tables import facts, table
from api.client import Client

app = typer.Typer(
    help="List, show and store instances of the quadratic assignment problem.",
    no_args_is_help=True,
)

Name = Annotated[
    str, typer.Argument(help="A name or a SHA-256.", autocompletion=instances)
]
Search = Annotated[str, typer.Option(help="Only names that have this in them.")]
Stored = Annotated[
    int, typer.Option(min=1, max=1000, help="So many stored ones behind the library.")
]
File = Annotated[
    str,
    typer.Argument(
        help="QAPLIB .dat, or .json with flow and distance, or costs; - reads either "
        "from standard input.",
        metavar="FILE",
    ),
]
Label = Annotated[str | None, typer.Option("--name", help="What it is called.")]


@app.command("list", epilog=EPILOG)
def list_instances(
    search: Search = "",
    stored: Stored = 100,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List the library, then the stored instances of your jobs.

    Example: solvequeue instances list --search tai
    """
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.instances(limit=stored)
    rows = table("instance", ">order", ">best known", "", "from")
    for each in found:
        if search.lower() not in (each.name or "").lower():
            continue
        output.emit(each)
        rows.add_row(
            each.name or f"{each.sha256[:12]}…",
            str(each.order),
            amount(each.best_known),
            "optimal" if each.proven_optimal else "",
            each.source,
        )
    output.show(rows if rows.row_count else "No instances.")


@app.command(epilog=EPILOG)
def show(
    name: Name, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show what is known of an instance.

    Example: solvequeue instances show nug30
    """
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.instance(name)
    output.emit(found)
    output.show(facts(found))


@app.command(epilog=EPILOG)
def upload(
    file: File,
    name: Label = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Store an instance once, and tell its hash: jobs may name it by that.

    Example: solvequeue instances upload factory.dat --name factory
    """
    output = Output(as_json=as_json)
    given = read_instance(file)
    if set(given) <= {"name", "sha256"}:
        raise typer.BadParameter(f"there is no file {file}")
    named = given.pop("name", None)
    label = name or named or Path(file).stem.strip(STDIN)
    with output.outcome(), Client(url, api_key=api_key) as client:
        if "qaplib" in given:
            found = client.upload_qaplib(given["qaplib"], label or None)
        else:
            given.pop("name", None)
            found = client.upload_instance(
                **given, **({"name": label} if label else {})
            )
    output.emit(found)
    output.show(facts(found))
