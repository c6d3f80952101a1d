"""One wish to follow a topic, on one socket."""

from collections.abc import Mapping
from datetime import datetime

import orjson
from typing_extensions import override

from api.relay.channel import Channel, Follower, Following, Position, Snapshot
from api.relay.frame import Frame, event_frame
from api.relay.hub import Hub
from api.relay.wire import Wire
from api.schemas.socket import Subscribe
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError
from db.contracts.event import EventType, Published

LEAST_SECONDS = 0.45
"""Between two reports of one job's progress; workers make one each half second."""
PROGRESS = frozenset({EventType.JOB_PROGRESS, EventType.BATCH_PROGRESS})


class Subscription(Follower):
    """Turns what a channel tells into frames of one name."""

    def __init__(self, wish: Subscribe, channels: Mapping[str, Channel], wire: Wire):
        """Raise NotFoundError where there is no such topic."""
        self.name, colon, self._subject = wish.topic.partition(":")
        channel = channels.get(self.name)
        if channel is None or channel.takes_subject != bool(colon):
            raise NotFoundError(
                f"there is no topic {wish.topic}",
                suggestion=f"Topics are {', '.join(topics(channels))}.",
            )
        self._wish = wish
        self._channel = channel
        self._wire = wire
        self._id = orjson.dumps(wish.id).decode()
        self._types = frozenset(wish.types) if wish.types else channel.usual_types
        self._thinning = Thinning()

    async def follow(self, state: ApiState, hub: Hub, caller: Caller) -> None:
        """Tell what there is and what comes, up to the end if there is one."""
        seen = Position(self._wish.after, self._wish.epoch)
        await self._channel.follow(
            self._subject, Following(state, hub, caller, seen, self)
        )

    @override
    def begin(self, snapshot: Snapshot) -> None:
        frame = {
            "type": "snapshot",
            "id": self._wish.id,
            "sequence": snapshot.sequence,
            "epoch": snapshot.epoch,
            "recovered": snapshot.recovered,
            "state": snapshot.state,
        }
        self._wire.send(Frame(orjson.dumps(frame).decode()))

    @override
    def take(self, event: Published) -> None:
        if event.type.is_terminal:
            self._thinning.forget(event.log)
        if self._types is not None and event.type not in self._types:
            return
        if event.type in PROGRESS and self._thinning.is_too_soon(event):
            return
        self._wire.send(event_frame(self._id, event.body))

    @override
    async def drained(self) -> None:
        await self._wire.drained()


class Thinning:
    """Leaves out progress that comes sooner after another than anyone can see.

    By the events' own times: who reads the log again is told the same ones.
    """

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def is_too_soon(self, event: Published) -> bool:
        """Return whether to leave it out, and else remember that it was told."""
        stamp = event.body.split('"time":"', 1)[1][:24]
        at = datetime.fromisoformat(stamp).timestamp()
        told = self._told.get(event.log)
        if told is not None and 0 <= at - told < LEAST_SECONDS:
            return True
        self._told[event.log] = at
        return False

    def forget(self, log: str) -> None:
        """Forget a log that has ended."""
        self._told.pop(log, None)


def topics(channels: Mapping[str, Channel]) -> list[str]:
    """Return what topics look like."""
    return [
        f"{name}:{{id}}" if channel.takes_subject else name
        for name, channel in channels.items()
    ]
