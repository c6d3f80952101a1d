"""How a process that may wait talks to Redis."""

import hashlib
from collections.abc import Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from db.contracts.settings import Settings


def connect(settings: Settings) -> redis.Redis:
    """Return a client; nothing needs to be up yet.

    A connection that has died meanwhile is made again, once and at once. A server that
    does not answer is given up after the settings' time.
    """
    return redis.Redis.from_url(
        settings.redis,
        socket_timeout=settings.redis_timeout_seconds,
        socket_connect_timeout=settings.redis_timeout_seconds,
        retry=Retry(NoBackoff(), 1),
        decode_responses=True,
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
