"""How Celery is told of its broker: an address, and what does not go into one."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from db.contracts.redis_address import Sentinels, as_redis, tls_options


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """The same words for the worker, beat, Flower and who only sends."""

    url: str = field(repr=False)
    is_redis: bool
    """Redis, by itself or behind sentinels: a broker that can be asked what it has."""
    has_keepalive: bool = True
    """Whether its connections have one: a Unix socket's refuse to."""
    tls: dict[str, Any] | None = None
    sentinel_options: dict[str, Any] = field(default_factory=dict, repr=False)
    """For the transport, where sentinels say who is the master."""

    @classmethod
    def read(cls, url: str) -> "BrokerAddress":
        """Return what Celery needs to know of a broker at this URL."""
        url = as_redis(url)
        sentinels = Sentinels.read(url)
        if sentinels is not None:
            return _behind(sentinels)
        if url.startswith("unix://"):
            path, _, query = url.removeprefix("unix://").partition("?")
            database = query.removeprefix("db=") if query.startswith("db=") else "0"
            url = f"redis+socket://{path}?virtual_host={database}"
        tls = tls_options(url)
        return cls(
            url=_without_query(url) if tls else url,
            is_redis=url.startswith("redis"),
            has_keepalive=not url.startswith("redis+socket"),
            tls=tls,
        )


def _behind(sentinels: Sentinels) -> BrokerAddress:
    server = urlsplit(sentinels.server_url)
    who, _, _ = server.netloc.rpartition("@")
    login = f"{who}@" if who else ""
    tls = tls_options(sentinels.server_url)
    own: dict[str, Any] = dict(sentinels.login())
    if tls:
        own |= {"ssl": True, **tls}
    return BrokerAddress(
        # Kombu asks each of them in turn, and enters at the master as the first says.
        url=";".join(
            f"sentinel://{login}{host}:{port}{server.path}"
            for host, port in sentinels.hosts
        ),
        is_redis=True,
        tls=tls,
        sentinel_options={"master_name": sentinels.master, "sentinel_kwargs": own},
    )


def _without_query(url: str) -> str:
    # Kombu would take it for settings of its own.
    return urlunsplit(urlsplit(url)._replace(query=""))
