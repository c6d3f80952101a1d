"""Which job has lately done a piece of work: in Redis, else in the record itself.

Only a job's id is kept; its result stays in its row. Results of one sort share a shelf:
Redis bounds how many each shelf keeps (the least recently used goes first) and how
long. While it is away the record answers, slower, by the same age; nothing has to be
written there for it.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

import redis

from db.contracts.job_kind import SOLVES
from db.contracts.settings import Settings
from db.engine import Database
from db.redis_client import connect
from db.repositories import equal_work

logger = logging.getLogger(__name__)

_FIND = files("db").joinpath("lua/find_result.lua").read_text()
PAUSE_AFTER_FAILURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CacheUse:
    """How much a shelf, or the whole cache, is used, by all processes."""

    size: int
    max_size: int
    hits: int
    misses: int
    backend: str
    """``redis``, or ``database`` while Redis is away."""
    seconds: float
    """How long results may be shared."""

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

    def seconds_of(self, shelf: str) -> float:
        """Return how long results of this shelf may be shared; 0 is not at all."""
        settings = self._settings
        is_solve = shelf == SOLVES
        return (
            settings.cache_seconds if is_solve else settings.calculation_cache_seconds
        )

    def find(self, fingerprint: str, shelf: str) -> str | None:
        """Return the job that has done this work, if that may still be told."""
        seconds = self.seconds_of(shelf)
        if not seconds:
            return None
        if time.monotonic() >= self._away_until:
            try:
                keys = [_key(fingerprint), _used(shelf), _counts(shelf)]
                found = self._find_script(keys=keys, args=[fingerprint, time.time()])
                return cast("str | None", found)
            except redis.RedisError:
                self._stay_away()
        with self._database.reading() as connection:
            return equal_work.find_done(
                connection, fingerprint, max_age_seconds=seconds
            )

    def put(self, fingerprint: str, job_id: str, shelf: str) -> None:
        """Remember who did the work; while Redis is away its row is enough."""
        seconds = self.seconds_of(shelf)
        if not seconds or time.monotonic() < self._away_until:
            return
        try:
            self._put(fingerprint, job_id, shelf, seconds)
        except redis.RedisError:
            self._stay_away()

    def count(self, *, hits: int, misses: int, shelf: str) -> None:
        """Count what was looked for in the record itself."""
        if not (hits or misses) or time.monotonic() < self._away_until:
            return
        try:
            with self._client.pipeline(transaction=False) as pipe:
                pipe.hincrby(_counts(shelf), "hits", hits)
                pipe.hincrby(_counts(shelf), "misses", misses)
                pipe.execute()
        except redis.RedisError:
            self._stay_away()

    def clear(self, shelves: Sequence[str]) -> int:
        """Forget all that Redis keeps; return how many results that were."""
        forgotten = 0
        for shelf in shelves:
            names = cast("list[str]", self._client.zrange(_used(shelf), 0, -1))
            self._client.delete(_used(shelf), _counts(shelf), *map(_key, names))
            forgotten += len(names)
        return forgotten

    def use(
        self, shelves: Sequence[str], *, is_away: bool = False
    ) -> dict[str, CacheUse]:
        """Return how much each shelf is used; where Redis is known to be away, not."""
        told: list[tuple[int, int, int]] = [(0, 0, 0)] * len(shelves)
        backend = "database"
        if not is_away:
            try:
                told, backend = self._use(shelves), "redis"
            except redis.RedisError:
                self._stay_away()
        return {
            shelf: CacheUse(
                *(size, self._size_of(shelf), hits, misses, backend),
                seconds=self.seconds_of(shelf),
            )
            for shelf, (size, hits, misses) in zip(shelves, told, strict=True)
        }

    def close(self) -> None:
        self._client.close()

    def _size_of(self, shelf: str) -> int:
        settings = self._settings
        return (
            settings.cache_size if shelf == SOLVES else settings.calculation_cache_size
        )

    def _use(self, shelves: Sequence[str]) -> list[tuple[int, int, int]]:
        self._forget_expired(shelves)
        with self._client.pipeline(transaction=False) as pipe:
            for shelf in shelves:
                pipe.zcard(_used(shelf))
                pipe.hmget(_counts(shelf), ["hits", "misses"])
            found = pipe.execute()
        return [
            (size, *(int(count or 0) for count in counts))
            for size, counts in zip(found[::2], found[1::2], strict=True)
        ]

    def _put(self, fingerprint: str, job_id: str, shelf: str, seconds: float) -> None:
        milliseconds = max(1, round(seconds * 1000))
        with self._client.pipeline(transaction=False) as pipe:
            pipe.set(_key(fingerprint), job_id, px=milliseconds)
            pipe.zadd(_used(shelf), {fingerprint: time.time()})
            pipe.zcard(_used(shelf))
            size = pipe.execute()[-1]
        surplus = size - self._size_of(shelf)
        if surplus > 0:
            popped = self._client.zpopmin(_used(shelf), surplus)
            oldest = cast("list[tuple[str, float]]", popped)
            self._client.delete(*(_key(name) for name, _ in oldest))

    def _forget_expired(self, shelves: Sequence[str]) -> None:
        now = time.time()
        with self._client.pipeline(transaction=False) as pipe:
            for shelf in shelves:
                # Used last before any that could still be there was made.
                oldest = now - self.seconds_of(shelf)
                pipe.zrangebyscore(_used(shelf), "-inf", oldest)
            old = cast("list[list[str]]", pipe.execute())
        for shelf, names in zip(shelves, old, strict=True):
            for name in names:
                if not self._client.exists(_key(name)):
                    self._client.zrem(_used(shelf), name)

    def _stay_away(self) -> None:
        self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
        logger.warning("result cache is away", extra={"action": "cache_away"})


def total(uses: Iterable[CacheUse]) -> CacheUse:
    """Return the use of all of them together."""
    uses = list(uses)
    return CacheUse(
        size=sum(use.size for use in uses),
        max_size=sum(use.max_size for use in uses),
        hits=sum(use.hits for use in uses),
        misses=sum(use.misses for use in uses),
        backend=uses[0].backend,
        seconds=uses[0].seconds,
    )


def _key(fingerprint: str) -> str:
    return f"solvequeue:result:{fingerprint}"


def _used(shelf: str) -> str:
    return f"solvequeue:results:{shelf}"


def _counts(shelf: str) -> str:
    return f"solvequeue:results:{shelf}:counts"
