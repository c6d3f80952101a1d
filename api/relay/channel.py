"""What a channel is: a named view of events that a client may follow."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol

from api.relay.hub import Hub
from api.state import ApiState
from db.contracts.caller import Caller


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state that a channel sends before its events."""

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


class Channel(Protocol):
    """One view. It yields a snapshot, then the bytes of events, and ends or not."""

    def open(
        self,
        state: ApiState,
        hub: Hub,
        *,
        subject: str,
        seen: Position,
        caller: Caller,
    ) -> AsyncGenerator[Snapshot | str]:
        """Follow ``subject``; raises NotFoundError where the caller has none such."""
        ...
