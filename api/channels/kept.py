"""Channels with a log of their own: what the service tells of itself."""

from functools import partial

import orjson
from typing_extensions import override

from api.relay.channel import Channel, Follower, Following, follow_log
from api.relay.tail import Reader
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
        log = following.state.backplane.channels

        def state() -> dict[str, orjson.Fragment]:
            latest = log.latest(self._name)
            return {type_: orjson.Fragment(body) for type_, body in latest.items()}

        await follow_log(
            following,
            self._name.log,
            partial(log.read, self._name),
            state,
            reader=_Own(following.follower, following.caller),
        )


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
