"""What a channel is: a named view of events that a client may follow."""

from dataclasses import dataclass
from typing import Any, Protocol

from api.relay.hub import Hub
from api.relay.tail import Reader
from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.event import EventType


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
