"""What a type of calculation is: a job that a socket asks for and hears of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.schemas.job import JobView
from api.state import ApiState
from api.submit import Proposal
from db.contracts.caller import Caller
from db.contracts.event import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """One type."""

    summary: str
    path: str
    """Of the REST route that does the same: they take from one bucket."""
    resolve: Callable[[ApiState, bytes, Caller], Proposal]
    """Say what these parameters mean; raises ServiceError where they mean nothing."""
    percent: Callable[[JobView, Progress], float]
    """Say how much of what it may take it has taken."""
    result: Callable[[JobView], dict[str, Any]]
    """Return what it came to, once its job has succeeded."""
    facts: Callable[[JobView], dict[str, Any]]
    """Return what ``data`` tells of it, ``processing_time_ms`` included."""
    example: dict[str, Any]
    """Parameters that work."""
    is_everyones: bool = False
    """Whether all sockets of its owner hear of its end, also those that follow no
    channel; who asked gets the result in a frame of its own besides."""
