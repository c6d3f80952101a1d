"""A job's log as far as it goes, page by page."""

from collections.abc import Iterator

from api.client.models import Event
from api.client.transport import Transport

NDJSON = "application/x-ndjson"
PAGE = 500


def read_pages(
    transport: Transport, path: str, *, after: int, epoch: str
) -> Iterator[Event]:
    """Yield the events that there are after a position.

    Where the log was begun anew all of it is told, from number 1, under its epoch.
    """
    while True:
        params = {"after": after, "limit": PAGE, **({"epoch": epoch} if epoch else {})}
        answer = transport.get(path, params=params, headers={"Accept": NDJSON})
        events = [Event.parse(line) for line in answer.text.splitlines()]
        yield from events
        if not events:
            return
        after, epoch = events[-1].number, events[-1].epoch
        if events[-1].is_terminal or after >= int(answer.headers["X-Log-Sequence"]):
            return
