"""What comes in pages, read only as far as one iterates."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

from api.client._async.transport import AsyncTransport
from api.client.client import query
from api.client.models import Event
from api.client.models.answer import Answer

NDJSON = "application/x-ndjson"
PAGE = 500

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


async def read_all(
    transport: AsyncTransport,
    path: str,
    model: type[AnyAnswer],
    filters: Mapping[str, Any],
    *,
    listed_as: str = "items",
) -> AsyncIterator[AnyAnswer]:
    """Yield what is listed there; ``limit`` among the filters is the size of a page."""
    params = query(filters)
    while True:
        answer = await transport.get(path, params=params)
        page = answer.json()
        for item in page[listed_as]:
            yield model.model_validate(item)
        if not page["next"]:
            return
        params["after"] = page["next"]


async def read_list(
    transport: AsyncTransport,
    path: str,
    model: type[AnyAnswer],
    filters: Mapping[str, Any] | None = None,
) -> list[AnyAnswer]:
    """Return what is listed there at once."""
    answer = await transport.get(path, params=query(filters or {}))
    return [model.model_validate(item) for item in answer.json()["items"]]


async def read_log(
    transport: AsyncTransport, path: str, *, after: int, epoch: str
) -> AsyncIterator[Event]:
    """Yield the events that there are after a position.

    Where the log was begun anew all of it is told, from number 1, under its epoch.
    """
    while True:
        params = {"after": after, "limit": PAGE, **({"epoch": epoch} if epoch else {})}
        answer = await transport.get(path, params=params, headers={"Accept": NDJSON})
        events = [Event.parse(line) for line in answer.text.splitlines()]
        for event in events:
            yield event
        if not events:
            return
        after, epoch = events[-1].number, events[-1].epoch
        if events[-1].is_terminal or after >= int(answer.headers["X-Log-Sequence"]):
            return
