"""Which job has lately done a piece of work: in Redis, else in the record itself.

Only a job's id is kept; its result stays in its row. Redis bounds how many are kept
(the least recently used goes first) and how long. While it is away the record answers,
slower, by the same age; nothing has to be written there for it.
"""

import logging
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

import redis

from db.contracts.settings import Settings
from db.engine import Database
from db.redis_client import connect
from db.repositories import equal_work

logger = logging.getLogger(__name__)

_USED = "solvequeue:results"
_COUNTS = "solvequeue:results:counts"
_FIND = files("db").joinpath("lua/find_result.lua").read_text()
PAUSE_AFTER_FAILURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CacheUse:
    """How much the cache is used, by all processes."""

    size: int
    max_size: int
    hits: int
    misses: int
    backend: str
    """``redis``, or ``database`` while Redis is away."""

    @property
    def hit_rate(self) -> float:
        """From 0 to 1; 0 before anyone asked."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


class ResultCache:
    """One process' way to the results of equal work."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._away_until = 0.0
        self._client = connect(settings)
        self._find_script = self._client.register_script(_FIND)

    def find(self, fingerprint: str) -> str | None:
        """Return the job that has done this work, if that may still be told."""
        if not self._settings.cache_seconds:
            return None
        if time.monotonic() >= self._away_until:
            try:
                return self._find(fingerprint)
            except redis.RedisError:
                self._stay_away()
        with self._database.reading() as connection:
            return equal_work.find_done(
                connection, fingerprint, max_age_seconds=self._settings.cache_seconds
            )

    def put(self, fingerprint: str, job_id: str) -> None:
        """Remember who did the work; while Redis is away its row is enough."""
        if not self._settings.cache_seconds or time.monotonic() < self._away_until:
            return
        try:
            self._put(fingerprint, job_id)
        except redis.RedisError:
            self._stay_away()

    def count(self, *, hits: int, misses: int) -> None:
        """Count what was looked for in the record itself."""
        if not (hits or misses) or time.monotonic() < self._away_until:
            return
        try:
            with self._client.pipeline(transaction=False) as pipe:
                pipe.hincrby(_COUNTS, "hits", hits)
                pipe.hincrby(_COUNTS, "misses", misses)
                pipe.execute()
        except redis.RedisError:
            self._stay_away()

    def clear(self) -> int:
        """Forget all that Redis keeps; return how many results that were."""
        names = cast("list[str]", self._client.zrange(_USED, 0, -1))
        self._client.delete(_USED, _COUNTS, *map(_key, names))
        return len(names)

    def use(self) -> CacheUse:
        """Return how much it is used."""
        size, hits, misses, backend = 0, 0, 0, "redis"
        try:
            self._forget_expired()
            size = self._client.zcard(_USED)
            counts = self._client.hmget(_COUNTS, ["hits", "misses"])
            hits, misses = (int(count or 0) for count in counts)
        except redis.RedisError:
            self._stay_away()
            backend = "database"
        return CacheUse(size, self._settings.cache_size, hits, misses, backend)

    def close(self) -> None:
        self._client.close()

    def _find(self, fingerprint: str) -> str | None:
        keys = [_key(fingerprint), _USED, _COUNTS]
        found = self._find_script(keys=keys, args=[fingerprint, time.time()])
        return cast("str | None", found)

    def _put(self, fingerprint: str, job_id: str) -> None:
        milliseconds = max(1, round(self._settings.cache_seconds * 1000))
        with self._client.pipeline(transaction=False) as pipe:
            pipe.set(_key(fingerprint), job_id, px=milliseconds)
            pipe.zadd(_USED, {fingerprint: time.time()})
            pipe.zcard(_USED)
            size = pipe.execute()[-1]
        surplus = size - self._settings.cache_size
        if surplus > 0:
            popped = self._client.zpopmin(_USED, surplus)
            oldest = cast("list[tuple[str, float]]", popped)
            self._client.delete(*(_key(name) for name, _ in oldest))

    def _forget_expired(self) -> None:
        # Used last before any that could still be there was made.
        oldest = time.time() - self._settings.cache_seconds
        names = self._client.zrangebyscore(_USED, "-inf", oldest)
        for name in cast("list[str]", names):
            if not self._client.exists(_key(name)):
                self._client.zrem(_USED, name)

    def _stay_away(self) -> None:
        self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
        logger.warning("result cache is away", extra={"action": "cache_away"})


def _key(fingerprint: str) -> str:
    return f"solvequeue:result:{fingerprint}"
