"""`solvequeue webhooks`: where events are told, and what became of each."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.cli.exit_codes import EPILOG
from api.cli.listening import listen
from api.cli.options import DEFAULT_URL, Json, Url, Yes
from api.cli.options import ApiKey as Key
from api.cli.output import Output
from api.client import Client, Delivery, Webhook
from db.contracts.delivery import DeliveryState, Form

app = typer.Typer(
    help="Have the events of your jobs told, and look at what became of each.",
    no_args_is_help=True,
)
app.command(epilog=EPILOG)(listen)

COLORS = {
    "active": "green",
    "delivered": "green",
    "pending": "yellow",
    "held": "yellow",
    "paused": "yellow",
}
MAX_SHOWN = 50

Id = Annotated[str, typer.Argument(help="The webhook's: ep_…", metavar="WEBHOOK")]
DeliveryId = Annotated[
    str, typer.Argument(help="The delivery's: msg_…", metavar="DELIVERY")
]
Address = Annotated[str, typer.Argument(help="Where it is told.", metavar="URL")]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        help="May be given more than once, such as job.started; what ends jobs and "
        "webhook.disabled if not given.",
    ),
]
Payload = Annotated[
    Form, typer.Option(help="The whole event, or ids and links with its numbers.")
]
Description = Annotated[str, typer.Option(help="What it is for.")]
Since = Annotated[str, typer.Option(help="From when on, such as 2026-11-22T08:00:00Z.")]
KeepOld = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=86_400,
        help="For how many seconds the old ones sign too: a day if not given, 0 if "
        "one has become known.",
    ),
]
State = Annotated[
    DeliveryState | None, typer.Option("--state", help="Only those in this state.")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]


@app.command("list", epilog=EPILOG)
def list_webhooks(
    url: Url = DEFAULT_URL, api_key: Key = None, as_json: Json = False
) -> None:
    """List webhooks, newest first."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(client.webhooks.all())
    for each in found:
        output.emit(each)
    output.show(_table(found) if found else "No webhooks.")


@app.command(epilog=EPILOG)
def create(
    address: Address,
    event: Events = None,
    payload: Payload = Form.THIN,
    description: Description = "",
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Make a webhook and show its secret: this once."""
    fields: dict[str, Any] = {"payload": payload.value, "description": description}
    if event:
        fields["events"] = event
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        made = client.webhooks.create(address, **fields)
    output.emit(made)
    output.note(f"{made.id} is signed with this secret, shown this once:")
    output.show(Text(made.secret))


@app.command(epilog=EPILOG)
def delete(
    webhook: Id,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Forget a webhook and all that is owed to it."""
    output = Output(as_json=as_json)
    output.confirm(f"Forget {webhook} and all that is owed to it?", yes=yes)
    with output.outcome(), Client(url, api_key=api_key) as client:
        client.webhooks.delete(webhook)
    output.emit({"id": webhook, "deleted": True})
    output.show(f"{webhook} is deleted.")


@app.command(epilog=EPILOG)
def pause(
    webhook: Id, url: Url = DEFAULT_URL, api_key: Key = None, as_json: Json = False
) -> None:
    """Hold what is owed to it, and what will be, until it is resumed."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        output.emit(client.webhooks.pause(webhook))
    output.show(f"{webhook} is paused.")


@app.command(epilog=EPILOG)
def resume(
    webhook: Id, url: Url = DEFAULT_URL, api_key: Key = None, as_json: Json = False
) -> None:
    """Send what was held, and go on; also after the service has disabled it."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        output.emit(client.webhooks.resume(webhook))
    output.show(f"{webhook} is active.")


@app.command(epilog=EPILOG)
def rotate(
    webhook: Id,
    keep_old_s: KeepOld = None,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Sign with a new secret and show it: this once."""
    fields = {} if keep_old_s is None else {"keep_old_s": keep_old_s}
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        rotated = client.webhooks.rotate(webhook, **fields)
    output.emit(rotated)
    output.note("The new secret, shown this once:")
    output.show(Text(rotated.secret))


@app.command("test", epilog=EPILOG)
def send_test(
    webhook: Id, url: Url = DEFAULT_URL, api_key: Key = None, as_json: Json = False
) -> None:
    """Send it a webhook.test, once."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        delivery_id = client.webhooks.test(webhook)
    output.emit({"delivery_id": delivery_id})
    output.show(f"{delivery_id} is on its way: solvequeue webhooks deliveries.")


@app.command(epilog=EPILOG)
def deliveries(
    webhook: Id,
    state: State = None,
    limit: Limit = MAX_SHOWN,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """List what was owed to it, newest first."""
    filters = {} if state is None else {"state": state.value}
    output = Output(as_json=as_json)
    found: list[Delivery] = []
    with output.outcome(), Client(url, api_key=api_key) as client:
        for each in client.webhooks.deliveries(webhook, **filters):
            found.append(each)
            output.emit(each)
            if len(found) == limit:
                break
    output.show(_delivery_table(found) if found else "Nothing was owed to it yet.")


@app.command(epilog=EPILOG)
def resend(
    delivery: DeliveryId,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Send a delivery again, whatever became of it."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        owed = client.webhooks.resend(delivery)
    output.emit(owed)
    output.show(f"{delivery} is {owed.state}.")


@app.command(epilog=EPILOG)
def recover(
    webhook: Id,
    since: Since,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Send again all that it has missed since then."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        count = client.webhooks.recover(webhook, since)
    output.emit({"id": webhook, "recovered": count})
    output.show(f"{count} deliveries are owed again.")


def _table(found: list[Webhook]) -> Table:
    table = _empty_table("webhook", "to", "events", "payload", "state", "for")
    for each in found:
        state = Text(each.state, COLORS.get(each.state, "red"))
        if each.disabled_reason:
            state.append(f": {each.disabled_reason}")
        table.add_row(
            each.id,
            each.url or "fetched",
            " ".join(each.events),
            each.payload,
            state,
            each.description,
        )
    return table


def _delivery_table(found: list[Delivery]) -> Table:
    table = _empty_table("delivery", "event", "about", "state", "tries", "last", "next")
    for each in found:
        last = each.attempts[-1] if each.attempts else None
        told = "" if last is None else last.error or str(last.status_code)
        table.add_row(
            each.id,
            each.event_type,
            each.job_id or each.event_id,
            Text(each.state, COLORS.get(each.state, "red")),
            str(len(each.attempts)),
            told,
            each.next_attempt_at or "",
        )
    return table


def _empty_table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
