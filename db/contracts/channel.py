"""Channels: what the service tells of itself, beside the logs of jobs."""

from dataclasses import dataclass
from enum import StrEnum

from db.contracts.event import (
    SEQUENCE_DIGITS,
    EventType,
    Published,
    event_tail,
    timestamp,
)
from db.contracts.payload import Payload

PREFIX = "channel:"
"""Before a channel's name, where the names of logs stand; no job is called so."""


class ChannelName(StrEnum):
    """What may be subscribed to by its name alone."""

    CALCULATIONS = "calculations"
    MARKET_DATA = "market_data"
    NOTIFICATIONS = "notifications"
    SYSTEM = "system"
    PROVIDERS = "providers"
    ALERTS = "alerts"
    LOGS = "logs"
    METRICS = "metrics"
    INSIGHTS = "insights"
    QUEUES = "queues"

    @property
    def log(self) -> str:
        """What its log is called."""
        return f"{PREFIX}{self}"


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """A channel's event before it has a number."""

    channel: ChannelName
    type: EventType
    payload: Payload
    id: str
    """Names it for good: who tells it twice gives it the same."""
    time: float
    """Seconds since 1970, UTC."""
    subject: str = ""
    """What it is about; the channel itself where nothing is named."""
    owner: str = ""
    """The caller who alone may see it; empty is everyone."""

    @property
    def head(self) -> str:
        """The bytes before the sequence."""
        return (
            f'{{"specversion":"1.0","id":"{self.id}",'
            f'"source":"/v1/channels/{self.channel}","type":"{self.type}",'
            f'"subject":"{self.subject or self.channel}",'
            f'"time":"{timestamp(self.time)}","sequence":"'
        )

    @property
    def tail(self) -> str:
        """The bytes after the epoch."""
        return event_tail(self.payload.model_dump_json(exclude_none=True))

    def unnumbered(self) -> Published:
        """Return the event as one process tells its own of it: no log has it."""
        body = f'{self.head}{0:0{SEQUENCE_DIGITS}d}","epoch":"{self.tail}'
        return Published(self.channel.log, 0, "", self.type, body, self.owner)
