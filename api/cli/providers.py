"""`solvequeue providers`: outside services that are watched."""

from itertools import islice
from typing import Annotated, Any

import typer

from api.cli.exit_codes import EPILOG
from api.cli.given import chosen, read_object
from api.cli.numbers import percent
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url, Yes
from api.cli.output import Output
from api.cli.tables import facts, state, table
from api.client import Client, Provider

app = typer.Typer(
    help="See how outside services are; name them, pause them, check them.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(help="The provider's: prv_…", metavar="PROVIDER")]
Name = Annotated[str, typer.Argument(help="Unique, however it is capitalised.")]
Address = Annotated[
    str, typer.Argument(help="What is asked: https, without a key.", metavar="ADDRESS")
]
Category = Annotated[str, typer.Option(help="Small letters, digits, - and _.")]
OfCategory = Annotated[str | None, typer.Option("--category", help="Only of this one.")]
InState = Annotated[
    str | None, typer.Option("--state", help="online, degraded, offline or unknown.")
]
Search = Annotated[str | None, typer.Option(help="Only names that have this in them.")]
Every = Annotated[float | None, typer.Option("--every", help="Check so often, in s.")]
Tier = Annotated[
    int | None, typer.Option(min=1, max=3, help="1 matters most, 3 least.")
]
Description = Annotated[str | None, typer.Option(help="What it is for.")]
File = Annotated[
    str | None,
    typer.Option(
        "--fields",
        help="JSON of the other fields: second_url, key, limits, expectation, "
        "collection; - reads standard input.",
        metavar="FILE",
    ),
]
Hours = Annotated[float, typer.Option(min=1, max=9600, help="Of the last hours.")]


@app.command("list", epilog=EPILOG)
def list_providers(
    category: OfCategory = None,
    state_: InState = None,
    search: Search = None,
    limit: Limit = 200,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List providers and the service's own parts, with how each is.

    Example: solvequeue providers list --state offline
    """
    output = Output(as_json=as_json)
    filters = chosen(category=category, state=state_, search=search)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.providers.all(**filters), limit))
    rows = table("provider", "name", "category", "state", ">last", ">checks", "error")
    for each in found:
        output.emit(each)
        rows.add_row(
            each.id,
            each.name,
            each.category,
            state("paused" if each.paused else each.state),
            "" if each.last_response_ms is None else f"{each.last_response_ms:.0f} ms",
            str(each.checks),
            each.last_error_type or "",
        )
    output.show(rows if found else "No providers.")


@app.command(epilog=EPILOG)
def show(
    provider: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show a provider: what is asked of it, and how it is."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.providers.get(provider)
    _show(found, output)


@app.command(epilog=EPILOG)
def add(
    name: Name,
    address: Address,
    category: Category,
    every: Every = None,
    tier: Tier = None,
    description: Description = None,
    fields: File = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Watch an outside service, as an operator.

    Example: solvequeue providers add Weather https://api.weather.example/status
    --category data --every 60
    """
    given: dict[str, Any] = chosen(every_s=every, tier=tier, description=description)
    if fields is not None:
        given = {**read_object(fields), **given}
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.providers.create(name, url=address, category=category, **given)
    _show(found, output)


@app.command(epilog=EPILOG)
def pause(
    provider: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Do not check it until it is resumed."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.providers.pause(provider)
    _say(found, "is paused", output)


@app.command(epilog=EPILOG)
def resume(
    provider: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Check it again, as often as it is to be checked."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.providers.resume(provider)
    _say(found, "is checked again", output)


@app.command(epilog=EPILOG)
def check(
    provider: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Have it checked now, even while its circuit is open."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.providers.check(provider)
    _say(found, "will be checked at once", output)


@app.command(epilog=EPILOG)
def stats(
    provider: Id,
    hours: Hours = 24,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Show attempts, response times, uptime and budgets of the last hours."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.providers.statistics(provider, hours=hours)
    output.emit(found)
    up, well = found.uptime.up, found.attempts.success_rate
    output.show(f"{found.name}: up {percent(up)}, {percent(well)} of calls went well")
    output.show(facts(found, skip=("id", "name")))


@app.command(epilog=EPILOG)
def delete(
    provider: Id,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Forget a provider and all that was seen of it, as an operator."""
    output = Output(as_json=as_json)
    output.confirm(f"Forget {provider} and all that was seen of it?", yes=yes)
    with output.outcome(), Client(url, api_key=api_key) as client:
        client.providers.delete(provider)
    output.emit({"id": provider, "deleted": True})
    output.show(f"{provider} is deleted.")


def _show(found: Provider, output: Output) -> None:
    output.emit(found)
    output.show(facts(found))


def _say(found: Provider, told: str, output: Output) -> None:
    output.emit(found)
    output.show(f"{found.name} {told}.")
