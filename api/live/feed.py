"""``/ws/live``: everything that the service tells of itself, as it happens."""

from contextlib import ExitStack
from typing import Any

from typing_extensions import override

from api.live.attendance import Visitor
from api.live.frames import LIVE, LIVE_CHANNELS, told_live
from api.live.session import Manner, Session, repeated
from api.relay.hub import Hub
from db.contracts.caller import Caller
from db.contracts.channel import ChannelName
from db.contracts.errors import InvalidInputError
from db.contracts.event import Published

MAX_TOPICS = 50
TOPICS = {each.type for renderings in LIVE.values() for each in renderings} | set(
    ChannelName
)
"""What a client may choose by: types of frames, and channels."""


class Feed(Manner):
    """Tells one client all, or what it chose."""

    def __init__(
        self, session: Session, visitor: Visitor, *, hub: Hub, caller: Caller
    ) -> None:
        self._session = session
        self._visitor = visitor
        self._hub = hub
        self._caller = caller
        self._topics: frozenset[str] | None = None
        """None is everything."""
        self._listening = ExitStack()

    @override
    def begin(self) -> None:
        self._session.send(
            "connection_established",
            client_id=self._visitor.client_id,
            message="Connected to SolveQueue.",
        )
        for channel in filter(self._caller.may_follow, LIVE_CHANNELS):
            self._listening.enter_context(self._hub.subscribe(channel.log, self.hear))

    @override
    async def answer(self, type_: str, frame: dict[str, Any]) -> None:
        match type_:
            case "subscribe":
                named = _topics(frame)
                if named:
                    self._topics = (self._topics or frozenset()) | named
                self._tell_topics("subscribed")
            case "unsubscribe":
                named = _topics(frame)
                # Of nothing in particular: back to everything.
                kept = (self._topics or frozenset(TOPICS)) - named if named else None
                self._topics = kept
                self._tell_topics("unsubscribed")
            case _:
                self._session.complain(f"Unknown message type: {repeated(type_)}")

    @override
    def keep_in_touch(self) -> None:
        self._session.send("ping")

    @override
    def end(self) -> None:
        self._listening.close()

    @override
    def hear(self, event: Published | None) -> None:
        # After a hole the next numbers are as good as those that were missed.
        if event is None or not self._caller.hears(event.owner):
            return
        channel = event.log.rpartition(":")[2]
        for rendering, frame in told_live(event).frames:
            if self._topics is None or not self._topics.isdisjoint(
                (rendering.type, channel)
            ):
                self._session.wire.send(frame)

    def _tell_topics(self, type_: str) -> None:
        topics = "all" if self._topics is None else sorted(self._topics)
        self._session.send(type_, topics=topics)


def _topics(frame: dict[str, Any]) -> frozenset[str]:
    """Return the topics that are named; none where all are meant."""
    named = frame.get("topics")
    if named is None:
        named = [frame[key] for key in ("topic", "channel") if key in frame]
    if isinstance(named, str):
        named = [named]
    if not isinstance(named, list) or len(named) > MAX_TOPICS:
        raise InvalidInputError(
            f"topics is a list of at most {MAX_TOPICS} names",
            suggestion=f"Choose of {', '.join(sorted(TOPICS))}.",
        )
    for each in named:
        if not isinstance(each, str) or each not in TOPICS:
            raise InvalidInputError(
                f"there is no topic {repeated(each)}",
                suggestion=f"Choose of {', '.join(sorted(TOPICS))}.",
            )
    return frozenset(named)
