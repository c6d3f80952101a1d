"""What a process needs to take part: the database, the broker and the event log."""

import time
from dataclasses import dataclass, field
from functools import cache
from typing import Self

from db.broker import Broker
from db.budget import Budgets
from db.cache import ResultCache
from db.channel_log import ChannelLog
from db.contracts.database_settings import Role
from db.contracts.settings import Settings
from db.engine import Database
from db.event_log import EventLog
from db.meter import Meter
from db.presence import Presence
from db.stream import Stream


@dataclass(frozen=True)
class Backplane:
    """One of each, opened once a process, after any fork."""

    settings: Settings
    database: Database
    broker: Broker
    stream: Stream
    log: EventLog
    channels: ChannelLog
    cache: ResultCache
    meter: Meter
    presence: Presence
    budgets: Budgets
    opened_at: float = field(default_factory=time.time)
    """When the settings were read, about."""

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        role: Role = Role.COMMAND,
        meter: Meter | None = None,
    ) -> Self:
        """Connect lazily: nothing needs to be up yet.

        ``meter`` is one that counts already.
        """
        database = Database(settings, role=role)
        stream = Stream(settings)
        return cls(
            settings=settings,
            database=database,
            broker=Broker(settings),
            stream=stream,
            log=EventLog(database, stream),
            channels=ChannelLog(settings),
            cache=ResultCache(settings, database),
            meter=meter or Meter(settings),
            presence=Presence(settings),
            budgets=Budgets(settings),
        )

    def close(self) -> None:
        self.meter.close()
        self.broker.close()
        self.stream.close()
        self.channels.close()
        self.presence.close()
        self.budgets.close()
        self.cache.close()
        self.database.close()


class _Process:
    """What this process does; those that it forks do the same."""

    role = Role.COURIER


def take_role(role: Role) -> None:
    """Say what this process does, before it needs its backplane."""
    _Process.role = role


@cache
def process_backplane() -> Backplane:
    """Return this process' own, opened at first use: never before a fork."""
    return Backplane.open(Settings(), role=_Process.role)
