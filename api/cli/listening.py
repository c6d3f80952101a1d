"""`solvequeue webhooks listen`: deliveries for a machine that nobody can reach.

It opens no port. A webhook of mode ``pull`` is made for as long as it runs; what is
owed to it is fetched, posted to a local address with its real signature, and settled
by what came of that, so that what fails is tried again as any other delivery.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx2
import typer
from rich.text import Text

from api.cli.options import DEFAULT_URL, Json, Url
from api.cli.options import ApiKey as Key
from api.cli.output import Output
from api.cli.starting import ending_in_order
from api.client import Client, ClientError, FetchedDelivery
from api.client.transport import is_away
from db.contracts.delivery import Form, Mode

POLL_SECONDS = 1.0
TIMEOUT_SECONDS = 15.0
HEAD_CHARACTERS = 1024

Forward = Annotated[
    str,
    typer.Option(
        help="Where deliveries are posted to: http://127.0.0.1:3000/path.",
        metavar="URL",
    ),
]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        help="May be given more than once; what ends jobs if not given.",
    ),
]
Payload = Annotated[
    Form, typer.Option(help="The whole event, or ids and links with its numbers.")
]
Existing = Annotated[
    str | None,
    typer.Option(
        "--webhook",
        help="A webhook of mode pull to listen to, which then stays.",
        metavar="WEBHOOK",
    ),
]
Count = Annotated[int | None, typer.Option(min=1, help="End after so many deliveries.")]


def listen(
    forward: Forward,
    event: Events = None,
    payload: Payload = Form.THIN,
    webhook: Existing = None,
    count: Count = None,
    url: Url = DEFAULT_URL,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Post what is told to an address of this machine, and show it."""
    output = Output(as_json=as_json)
    fields: dict[str, Any] = {"mode": Mode.PULL.value, "payload": payload.value}
    if event:
        fields["events"] = event
    with (
        output.outcome(),
        ending_in_order(),
        Client(url, api_key=api_key) as client,
        _to_listen_to(client, webhook, fields, output) as webhook_id,
        httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as local,
    ):
        found = _fetched(client, webhook_id, output)
        for heard, fetched in enumerate(found, start=1):
            _pass_on(fetched, client, local, forward, output)
            if heard == count:
                return


@contextmanager
def _to_listen_to(
    client: Client, webhook: str | None, fields: dict[str, Any], output: Output
) -> Iterator[str]:
    """Yield a webhook: the one that was named, or one that goes when this ends."""
    if webhook is not None:
        yield webhook
        return
    made = client.webhooks.create(
        **fields, description="solvequeue webhooks listen, while it runs"
    )
    output.note(f"Listening as {made.id}. Deliveries are signed with {made.secret}")
    try:
        yield made.id
    finally:
        client.webhooks.delete(made.id)


def _fetched(
    client: Client, webhook_id: str, output: Output
) -> Iterator[FetchedDelivery]:
    """Yield deliveries as they are owed, also across restarts of the service."""
    was_away = False
    while True:
        try:
            found = client.webhooks.fetch(webhook_id)
        except ClientError as error:
            if not is_away(error):
                raise
            if not was_away:
                output.note(f"Waiting for the service: {error}")
            was_away, found = True, []
        else:
            was_away = False
        yield from found
        if not found:
            time.sleep(POLL_SECONDS)


def _pass_on(
    fetched: FetchedDelivery,
    client: Client,
    local: httpx2.Client,
    forward: str,
    output: Output,
) -> None:
    """Post it, say what came of it here and to the service."""
    started = time.monotonic()
    outcome: dict[str, Any]
    try:
        answer = local.post(
            forward, content=fetched.body.encode(), headers=fetched.headers
        )
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        outcome = {"error": (str(error) or type(error).__name__)[:HEAD_CHARACTERS]}
    else:
        outcome = {
            "status_code": answer.status_code,
            "response_head": answer.text[:HEAD_CHARACTERS].replace("\x00", "\ufffd"),
        }
    outcome["duration_ms"] = round((time.monotonic() - started) * 1000, 1)
    told = json.loads(fetched.body)
    output.emit({"id": fetched.id, "number": fetched.number, **outcome, "event": told})
    output.show(_line(fetched, told, outcome))
    try:
        client.webhooks.settle(fetched, **outcome)
    except ClientError as error:
        if not is_away(error):
            raise
        # Nobody heard of it: it is due again when its minute is over.
        output.note(f"The service did not hear what came of {fetched.id}: {error}")


def _line(fetched: FetchedDelivery, told: Any, outcome: dict[str, Any]) -> Text:
    status = outcome.get("status_code")
    is_good = status is not None and 200 <= status < 300
    return Text.assemble(
        (f"{told['time'][11:19]} ", "dim"),
        (f"{fetched.event_type:<20} ", "bold"),
        f"{told['subject']} ",
        (str(status or outcome["error"]), "green" if is_good else "red"),
        (f" {outcome['duration_ms']:.0f} ms", "dim"),
    )
