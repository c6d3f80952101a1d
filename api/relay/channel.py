"""What a channel is: a named view of events that a client may follow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from api.relay.hub import Hub
from api.relay.tail import Reader, Tail
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.event import EventType
from db.event_log import LogPage


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state that a channel tells before its events."""

    sequence: int
    epoch: str
    recovered: bool
    """Whether the events that follow join what the client had seen."""
    state: Any


@dataclass(frozen=True, slots=True)
class Position:
    """Where a client got to; an empty epoch means it has seen nothing."""

    after: int | None = None
    epoch: str = ""


class Follower(Reader, Protocol):
    """Who follows: a reader that is told first how things stand."""

    def begin(self, snapshot: Snapshot) -> None:
        """Take the state that the next events follow."""
        ...


@dataclass(frozen=True, slots=True)
class Following:
    """What one client follows."""

    state: ApiState
    hub: Hub
    caller: Caller
    seen: Position
    follower: Follower


async def follow_log(
    following: Following,
    name: str,
    read: Callable[..., LogPage],
    state: Callable[[], Any],
    *,
    reader: Reader | None = None,
) -> None:
    """Tell the state, then every event after it, up to the end if there is one.

    Where the log is begun anew in between, or has not kept what follows, another state
    says so. ``read`` takes ``after`` and ``limit``; it and ``state`` block. ``reader``
    takes the events in the follower's place.
    """
    hub, follower, seen = following.hub, following.follower, following.seen
    while True:
        page = await hub.read(partial(read, limit=1))
        is_same = seen.epoch in ("", page.epoch)
        after, recovered = page.last_sequence, is_same
        if seen.after is not None:
            is_kept = page.first_sequence - 1 <= seen.after <= page.last_sequence
            recovered = is_same and is_kept
            after = seen.after if recovered else after
        stands = await hub.read(state)
        follower.begin(Snapshot(after, page.epoch, recovered, stands))
        if page.ended and after >= page.last_sequence:
            return
        tail = Tail(
            hub,
            name,
            lambda number: read(after=number),
            after=after,
            epoch=page.epoch,
        )
        await tail.follow(reader or follower)
        if not tail.is_lost:
            return
        seen = Position(tail.sequence, tail.epoch)


class Channel(Protocol):
    """One view."""

    takes_subject: bool
    """Whether its topics are ``name:subject``, or the name alone."""
    summary: str
    usual_types: frozenset[EventType] | None = None
    """What is told to who names no types; None is all."""

    async def follow(self, subject: str, following: Following) -> None:
        """Tell how ``subject`` stands, then what happens, to the end if it has one.

        Raises NotFoundError where the caller has none such.
        """
        ...
