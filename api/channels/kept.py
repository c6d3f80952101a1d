"""Channels with a log of their own: what the service tells of itself."""

from functools import partial

import orjson
from typing_extensions import override

from api.relay.channel import Channel, Follower, Following, Position, Snapshot
from api.relay.tail import Reader, Tail
from db.contracts.caller import Caller
from db.contracts.channel import ChannelName
from db.contracts.event import Published


class KeptChannel(Channel):
    """The latest of each type first, then what comes; the last thousand are kept."""

    takes_subject = False

    def __init__(self, name: ChannelName, summary: str) -> None:
        self._name = name
        self.summary = summary

    @override
    async def follow(self, subject: str, following: Following) -> None:
        hub, log = following.hub, following.state.backplane.channels
        seen = following.seen
        while True:
            page = await hub.read(partial(log.read, self._name, limit=1))
            is_same = seen.epoch in ("", page.epoch)
            after = page.last_sequence
            recovered = is_same and (
                seen.after is None
                or page.first_sequence - 1 <= seen.after <= page.last_sequence
            )
            if seen.after is not None and recovered:
                after = seen.after
            latest = await hub.read(partial(log.latest, self._name))
            following.follower.begin(
                Snapshot(
                    sequence=after,
                    epoch=page.epoch,
                    recovered=recovered,
                    state={
                        type_: orjson.Fragment(body) for type_, body in latest.items()
                    },
                )
            )
            tail = Tail(
                hub,
                self._name.log,
                lambda number: log.read(self._name, after=number),
                after=after,
                epoch=page.epoch,
            )
            await tail.follow(_Own(following.follower, following.caller))
            seen = Position(tail.sequence, tail.epoch)


class _Own(Reader):
    """Passes on what its caller may see."""

    def __init__(self, follower: Follower, caller: Caller) -> None:
        self._follower = follower
        self._caller = caller

    @override
    def take(self, event: Published) -> None:
        if self._caller.hears(event.owner):
            self._follower.take(event)

    @override
    async def drained(self) -> None:
        await self._follower.drained()
