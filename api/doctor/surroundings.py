"""What checks look at, each part opened when the first of them asks for it."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from api.stack.home import StackFacts, find_stack
from api.stack.ports import http_url
from db.contracts.settings import Settings
from db.contracts.variables import given_variables, names_redis
from db.embedded_valkey import EmbeddedValkey

if TYPE_CHECKING:
    import redis

    from api.doctor.connection import Service
    from db.engine import Database

LEAST_DISK_BYTES = 1_000_000_000


@dataclass
class Surroundings:
    """A machine and the service on it, or a service elsewhere."""

    url: str | None = None
    """Where the service is, if it is not this machine's own."""
    api_key: str | None = None
    least_disk_bytes: int = LEAST_DISK_BYTES
    environment: Mapping[str, str] = field(default_factory=given_variables)
    _open: ExitStack = field(default_factory=ExitStack, repr=False)

    @cached_property
    def settings(self) -> Settings:
        """The settings that the service would have, with its own Valkey's address."""
        given = Settings()
        if names_redis(given):
            return given
        own = EmbeddedValkey(given.home.absolute() / "valkey")
        return Settings(redis_url=own.redis_url)

    @property
    def has_own_valkey(self) -> bool:
        """Whether `solvequeue up` starts the event server itself."""
        return not names_redis(Settings())

    @cached_property
    def stack(self) -> StackFacts | None:
        """What runs in the home; None if `solvequeue up` does not."""
        return find_stack(self.settings.home.absolute())

    @cached_property
    def service_url(self) -> str:
        """Where the service is, or should be."""
        if self.url:
            return self.url
        if self.stack is not None and self.stack.url:
            return self.stack.url
        return http_url(self.settings.api_host, self.settings.api_port or 8000)

    @cached_property
    def service(self) -> "Service":
        from api.doctor.connection import Service

        return self._open.enter_context(Service(self.service_url, self.api_key))

    @cached_property
    def database(self) -> "Database":
        from db.engine import Database

        opened = Database(self.settings)
        self._open.callback(opened.close)
        return opened

    @cached_property
    def redis(self) -> "redis.Redis":
        from db.redis_client import connect

        client = connect(self.settings)
        self._open.callback(client.close)
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()
