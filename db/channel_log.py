"""The numbered logs of channels: the last events, in Redis alone.

Unlike a job's log they have no end and are not archived: who comes back after too long
is told that it missed some.
"""

import secrets
from collections.abc import Sequence
from itertools import groupby
from typing import Any, cast

from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.event import EventType, Published
from db.contracts.settings import Settings
from db.event_log import LogPage
from db.redis_client import CallsInOneTrip, connect, numbering
from db.stream import FIREHOSE, PAGE, unavailable_when_away

KEPT = 1000
"""Events of a channel that a client may still ask for."""
LATEST = "latest:"

_PUBLISH = numbering("publish")


class ChannelLog:
    """One process' way to all channels; raises StreamUnavailableError."""

    def __init__(self, settings: Settings) -> None:
        self._client = connect(settings)
        self._numbering = CallsInOneTrip(self._client, _PUBLISH, keys=3)

    def publish(self, drafts: Sequence[ChannelDraft]) -> None:
        """Give the events their numbers and tell all who follow, in one round trip."""
        calls = [
            _arguments(channel, list(group))
            for channel, group in groupby(drafts, lambda draft: draft.channel)
        ]
        if not calls:
            return
        with unavailable_when_away():
            self._numbering.run(calls)

    def read(
        self, channel: ChannelName, *, after: int = 0, limit: int = PAGE
    ) -> LogPage:
        """Return events that follow number ``after``, as far as they are kept."""
        with unavailable_when_away(), self._client.pipeline() as pipe:
            pipe.hmget(_head(channel), ["epoch", "sequence"])
            pipe.xrange(_log(channel), count=1)
            pipe.xrange(_log(channel), min=f"{after + 1}-0", count=limit)
            (epoch, sequence), oldest, entries = pipe.execute()
        return LogPage(
            epoch=epoch or "",
            events=[_published(channel, epoch, entry) for entry in entries],
            last_sequence=int(sequence or 0),
            ended=False,
            first_sequence=_number(oldest[0]) if oldest else 1,
        )

    def latest(self, channel: ChannelName) -> dict[str, str]:
        """Return the bytes of the latest event of each type that is for everyone."""
        with unavailable_when_away():
            fields = cast("dict[str, str]", self._client.hgetall(_head(channel)))
        return {
            name.removeprefix(LATEST): body
            for name, body in fields.items()
            if name.startswith(LATEST)
        }

    def close(self) -> None:
        self._client.close()


def _arguments(channel: ChannelName, drafts: Sequence[ChannelDraft]) -> list[str | int]:
    """Return the script's keys and arguments for one channel's events."""
    arguments: list[str | int] = [
        _log(channel),
        _head(channel),
        FIREHOSE,
        channel.log,
        secrets.token_hex(6),
        KEPT,
    ]
    for draft in drafts:
        arguments += (draft.head, draft.tail, draft.type, draft.owner)
    return arguments


def _published(channel: ChannelName, epoch: str, entry: Any) -> Published:
    _, fields = entry
    return Published(
        log=channel.log,
        sequence=_number(entry),
        epoch=epoch,
        type=EventType(fields["type"]),
        body=fields["body"],
        owner=fields["owner"],
    )


def _number(entry: Any) -> int:
    return int(entry[0].partition("-")[0])


def _log(channel: ChannelName) -> str:
    return f"solvequeue:{channel.log}"


def _head(channel: ChannelName) -> str:
    return f"solvequeue:head:{channel.log}"
