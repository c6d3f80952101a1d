"""What one API process holds: its backplane and its announcer."""

import threading
import time
from functools import cached_property

from api.announcer import Announcer
from api.averages import MethodAverages
from api.known_instances import KnownInstances
from api.room import Room
from api.watching import Watching
from db.backplane import Backplane
from db.breaker import Breakers, DatabaseWatch
from db.contracts.database_settings import Role
from db.contracts.settings import Settings
from db.meter import Meter
from db.schema import ensure_schema


class ApiState:
    """Opened at first use, so that the process starts while its parts are away."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.meter = Meter(settings)
        self.began_at = time.time()
        self._schema_is_known = False
        self._opening = threading.Lock()
        self._announcer: Announcer | None = None

    @property
    def is_open(self) -> bool:
        """Whether ``backplane`` answers without work."""
        return self._schema_is_known

    @property
    def backplane(self) -> Backplane:
        """The backplane, its tables made; raises while the database is away."""
        if not self._schema_is_known:
            with self._opening:
                if not self._schema_is_known:
                    ensure_schema(self._backplane.database)
                    self._schema_is_known = True
        return self._backplane

    @property
    def parts(self) -> Backplane:
        """The backplane, for what needs no tables and must be told of a fault."""
        return self._backplane

    @property
    def announcer(self) -> Announcer:
        if self._announcer is None:
            with self._opening:
                if self._announcer is None:
                    self._announcer = Announcer(self._backplane)
        return self._announcer

    @cached_property
    def room(self) -> Room:
        return Room(self._backplane)

    @cached_property
    def known_instances(self) -> KnownInstances:
        return KnownInstances()

    @cached_property
    def averages(self) -> MethodAverages:
        return MethodAverages(lambda: self.backplane)

    @cached_property
    def watching(self) -> Watching:
        return Watching(lambda: self.backplane)

    @cached_property
    def breakers(self) -> Breakers:
        """What keeps requests from parts that fail; needs nothing to be up."""
        return Breakers(self.settings)

    def close(self) -> None:
        if self._announcer is not None:
            self._announcer.close()
        if "_backplane" in self.__dict__:
            self._backplane.close()
        else:
            self.meter.close()
        if "breakers" in self.__dict__:
            self.breakers.close()

    @cached_property
    def _backplane(self) -> Backplane:
        backplane = Backplane.open(self.settings, role=Role.API, meter=self.meter)
        if self.settings.database_pause_seconds:
            backplane.database.watch = DatabaseWatch(self.breakers.database)
        return backplane
