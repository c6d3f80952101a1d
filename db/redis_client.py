"""How a process that may wait talks to Redis."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.connection
import redis.sentinel
from redis.backoff import NoBackoff
from redis.retry import Retry

from db.contracts.redis_address import Sentinels
from db.contracts.settings import Settings

# They have no types.
_Sentinel: Any = redis.sentinel.Sentinel
_AsyncSentinel: Any = redis.asyncio.sentinel.Sentinel
_parse_url: Any = redis.connection.parse_url


def connect(
    settings: Settings, *, timeout_seconds: float = 0.0, retry: Retry | None = None
) -> redis.Redis:
    """Return a client; nothing needs to be up yet.

    A connection that has died meanwhile is made again, once and at once. A server that
    does not answer is given up after the settings' time.
    """
    options: dict[str, Any] = {
        **_timeouts(settings, timeout_seconds),
        "retry": retry or Retry(NoBackoff(), 1),
        "decode_responses": True,
    }
    sentinels = Sentinels.read(settings.redis)
    if sentinels is None:
        return redis.Redis.from_url(settings.redis, **options)
    asked = _Sentinel(
        sentinels.hosts,
        sentinel_kwargs=_of_sentinels(sentinels, settings),
        **options,
        **_of_server(sentinels),
    )
    return cast("redis.Redis", asked.master_for(sentinels.master))


def connect_async(settings: Settings, **options: Any) -> redis.asyncio.Redis:
    """Return a client for an event loop; a connection that died is for the caller."""
    told: dict[str, Any] = {
        **_timeouts(settings, 0.0),
        "retry": redis.asyncio.retry.Retry(NoBackoff(), 0),
        **options,
    }
    sentinels = Sentinels.read(settings.redis)
    if sentinels is None:
        return redis.asyncio.Redis.from_url(settings.redis, **told)
    asked = _AsyncSentinel(
        sentinels.hosts,
        sentinel_kwargs=_of_sentinels(sentinels, settings),
        **told,
        **_of_server(sentinels),
    )
    return cast("redis.asyncio.Redis", asked.master_for(sentinels.master))


def _timeouts(settings: Settings, seconds: float) -> dict[str, Any]:
    seconds = seconds or settings.redis_timeout_seconds
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds}


def _of_server(sentinels: Sentinels) -> dict[str, Any]:
    """Return what the master asks for, in redis-py's words."""
    told: dict[str, Any] = _parse_url(sentinels.server_url)
    del told["host"]
    if told.pop("connection_class", None) is not None:
        told["ssl"] = True
    return told


def _of_sentinels(sentinels: Sentinels, settings: Settings) -> dict[str, Any]:
    """Return what the sentinels ask for: their own login, the same certificates."""
    server = _of_server(sentinels)
    return {
        **_timeouts(settings, 0.0),
        **sentinels.login(),
        **{name: told for name, told in server.items() if name.startswith("ssl")},
    }


def numbering(name: str) -> str:
    """Return a script that gives a log's events their numbers."""
    scripts = files("db").joinpath("lua")
    return "".join(
        scripts.joinpath(f"{each}.lua").read_text() for each in ("life", name)
    )


class CallsInOneTrip:
    """A Lua script that is called any number of times in one round trip."""

    def __init__(self, client: redis.Redis, script: str, *, keys: int | None) -> None:
        """``keys`` is how many of a call's arguments come first and are keys.

        None: each call's first argument says how many of those behind it are.
        """
        self._client = client
        self._script = script
        self._sha = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._keys = () if keys is None else (keys,)

    def run(self, calls: Sequence[Sequence[str | int]]) -> list[Any]:
        """Call it once for each of the arguments; return what each call answers."""
        try:
            return self._run(calls)
        except redis.exceptions.NoScriptError:
            # A new server has not seen the script; it has run none of the calls.
            self._client.script_load(self._script)
            return self._run(calls)

    def _run(self, calls: Sequence[Sequence[str | int]]) -> list[Any]:
        with self._client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.evalsha(self._sha, *self._keys, *call)
            return pipe.execute()
