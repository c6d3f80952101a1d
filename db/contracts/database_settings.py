"""How many connections to PostgreSQL a process holds, and how long each may wait."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import Field
from pydantic_settings import BaseSettings


class Role(StrEnum):
    """What a process does: how many connections it needs, and what it is called."""

    API = "api"
    SOLVER = "solver"
    """A worker's child, which runs one job."""
    COURIER = "courier"
    """A worker of threads, which delivers and runs schedules."""
    RECONCILER = "reconciler"
    """The thread beside the work of an API or a worker; it has its own connections."""
    COMMAND = "command"
    """What comes and goes: migrations, keys, the doctor."""


class PoolSize(NamedTuple):
    """How many connections are kept, and how many more there may be."""

    kept: int
    more: int


_SIZES = {
    # As many as it has threads that may ask at once.
    Role.API: PoolSize(10, 30),
    # The job and the thread that keeps its lease.
    Role.SOLVER: PoolSize(2, 3),
    # Its threads, those that check providers, and what they wait for in between.
    Role.COURIER: PoolSize(10, 30),
    Role.RECONCILER: PoolSize(1, 2),
    # None is opened before it is needed.
    Role.COMMAND: PoolSize(10, 30),
}


class DatabaseSettings(BaseSettings):
    """Of PostgreSQL; SQLite has one writer and needs none of it."""

    database_pool_size: int | None = Field(None, ge=1)
    database_pool_overflow: int | None = Field(None, ge=0)
    # How long a thread waits for a connection of its process.
    database_pool_seconds: float = Field(5.0, gt=0, le=86_400)
    # Whether a connection is asked before it is used whether it still lives.
    database_pre_ping: bool = True
    # A connection older than this is made anew: proxies forget old ones.
    database_recycle_seconds: float = Field(1800.0, gt=0, le=86_400)
    # PostgreSQL counts in milliseconds, and 0 is no limit.
    database_statement_seconds: float = Field(20.0, ge=0.001, le=86_400)
    database_lock_seconds: float = Field(10.0, ge=0.001, le=86_400)
    # A transaction of a process that stands still is given up, with all that it locks.
    database_idle_transaction_seconds: float = Field(15.0, ge=0.001, le=86_400)

    def pool_of(self, role: Role) -> PoolSize:
        """Return the size of a process' pool; a number that is set is everyone's."""
        usual = _SIZES[role]
        size, overflow = self.database_pool_size, self.database_pool_overflow
        return PoolSize(
            usual.kept if size is None else size,
            usual.more if overflow is None else overflow,
        )
