"""Token buckets, shared by all processes through Redis; each its own while it is away.

A request asks before anything else is done for it, so asking must be cheap and never
wait long: whatever asks at the same time goes in one call, and while Redis does not
answer, nobody waits for it.
"""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import NoScriptError

from db.contracts.rate_limits import MICROSECONDS, Rate
from db.contracts.settings import Settings
from db.redis_client import connect_async

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 0.25
"""How long Redis may take: a request waits no longer for it, and only once."""
PAUSE_AFTER_FAILURE_SECONDS = 0.5
BATCH = 256
MAX_KNOWN = 20_000
"""Buckets that a process remembers, the ones that were asked for last."""

_TAKE = files("db").joinpath("lua/take.lua").read_text()
_TAKE_SHA = hashlib.sha1(_TAKE.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Draw:
    """What came of asking a bucket."""

    is_granted: bool
    remaining: int
    """Whole tokens that are left."""
    next_s: float
    """Until there is one more; 0 if it is full."""
    full_s: float
    """Until it is full."""


class KnownBuckets:
    """The buckets as this process knows them: Redis told, or they are its own."""

    def __init__(self, max_known: int = MAX_KNOWN) -> None:
        self._max_known = max_known
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, bucket: str, rate: Rate, cost: int = 1) -> Draw:
        """Take tokens by the same arithmetic as the script's."""
        now = _clock_us()
        most = rate.capacity * rate.interval_us
        missing = min(max(self._full_at.get(bucket, now) - now, 0), most)
        is_there = missing + cost * rate.interval_us <= most
        if is_there and cost:
            missing += cost * rate.interval_us
            self._remember(bucket, now + missing)
        remaining = (most - missing) // rate.interval_us
        behind = (rate.capacity - remaining - 1) * rate.interval_us
        return _draw(is_there, remaining, missing - behind if missing else 0, missing)

    def learn(self, bucket: str, draw: Draw) -> None:
        """Keep what Redis told: from there it goes on here if it goes away."""
        self._remember(bucket, _clock_us() + round(draw.full_s * MICROSECONDS))

    def _remember(self, bucket: str, full_at: int) -> None:
        self._full_at[bucket] = full_at
        self._full_at.move_to_end(bucket)
        if len(self._full_at) > self._max_known:
            self._full_at.popitem(last=False)


class Limiter:
    """One process' way to the buckets.

    Without a lifespan, as in a test client, each request may have an event loop of
    its own; so there is a line to Redis for each loop.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known = KnownBuckets()
        self._lines: dict[asyncio.AbstractEventLoop, _Line] = {}

    async def take(self, bucket: str, rate: Rate, cost: int = 1) -> Draw:
        """Take tokens out of the bucket, or none if there are not so many."""
        try:
            draw = await self._line().ask(_Call(_key(bucket), rate, cost))
        except _AwayError:
            return self._known.take(bucket, rate, cost)
        self._known.learn(bucket, draw)
        return draw

    def glance(self, bucket: str, rate: Rate) -> Draw:
        """Return how the bucket stands as far as this process knows; takes nothing."""
        return self._known.take(bucket, rate, cost=0)

    @property
    def is_shared(self) -> bool:
        """Whether Redis keeps the buckets; else this process keeps its own."""
        return all(not line.is_away for line in list(self._lines.values()))

    async def close(self) -> None:
        line = self._lines.pop(asyncio.get_running_loop(), None)
        if line is not None:
            await line.close()

    def _line(self) -> "_Line":
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None or line.has_ended:
            for gone in [each for each in list(self._lines) if each.is_closed()]:
                self._lines.pop(gone, None)
            line = self._lines[loop] = _Line(self._settings)
        return line


@dataclass(frozen=True, slots=True)
class _Call:
    key: str
    rate: Rate
    cost: int


class _AwayError(Exception):
    """Redis does not answer."""


class _Line:
    """One event loop's connection to Redis, and the task that asks for all its callers.

    Whoever asks while a call is under way goes with the next one.
    """

    def __init__(self, settings: Settings) -> None:
        self.is_away = False
        self._settings = settings
        self._waiting: list[tuple[_Call, asyncio.Future[Draw]]] = []
        self._has_news = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def has_ended(self) -> bool:
        return self._task.done()

    async def ask(self, call: _Call) -> Draw:
        if self.is_away:
            raise _AwayError
        answer: asyncio.Future[Draw] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, answer))
        self._has_news.set()
        return await answer

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        # A task that had not begun runs nothing at its end.
        self._refuse_waiting()

    async def _run(self) -> None:
        try:
            while True:
                client = self._connect()
                try:
                    await self._serve(client)
                except (redis.RedisError, OSError) as error:
                    self._go_away(error)
                except Exception as error:
                    # All requests of the process ask here.
                    logger.exception("limiter failed", extra={"action": "limiter_bug"})
                    self._go_away(error)
                finally:
                    # Half an answer may be left in it.
                    await client.aclose()
                _end_if_cancelled()
                await asyncio.sleep(PAUSE_AFTER_FAILURE_SECONDS)
        finally:
            self._refuse_waiting()

    async def _serve(self, client: redis.asyncio.Redis) -> None:
        if self.is_away:
            # Not with a caller's request: that would wait for it.
            async with asyncio.timeout(ANSWER_SECONDS):
                await client.script_load(_TAKE)
            self.is_away = False
            logger.info("limits are shared again", extra={"action": "limiter_back"})
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                try:
                    draws = await _call(client, [call for call, _ in batch])
                except BaseException:
                    _refuse(batch)
                    raise
                for (_, answer), draw in zip(batch, draws, strict=True):
                    if not answer.done():
                        answer.set_result(draw)
                _end_if_cancelled()

    def _connect(self) -> redis.asyncio.Redis:
        seconds = min(ANSWER_SECONDS, self._settings.redis_timeout_seconds)
        return connect_async(
            self._settings, socket_timeout=seconds, socket_connect_timeout=seconds
        )

    def _go_away(self, error: Exception) -> None:
        if not self.is_away:
            logger.warning(
                "limits are each process' own: Redis does not answer",
                extra={"action": "limiter_away", "reason": type(error).__name__},
            )
        self.is_away = True
        self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        _refuse(waiting)


async def _call(client: redis.asyncio.Redis, calls: Sequence[_Call]) -> list[Draw]:
    arguments: list[Any] = [call.key for call in calls]
    for call in calls:
        arguments += (call.rate.capacity, call.rate.interval_us, call.cost)
    async with asyncio.timeout(ANSWER_SECONDS):
        try:
            answers = await client.evalsha(_TAKE_SHA, len(calls), *arguments)
        except NoScriptError:
            # A new server has not seen the script, and has taken nothing.
            await client.script_load(_TAKE)
            answers = await client.evalsha(_TAKE_SHA, len(calls), *arguments)
    return [_draw(bool(granted), *rest) for granted, *rest in answers]


def _draw(is_granted: bool, remaining: int, next_us: int, full_us: int) -> Draw:
    return Draw(is_granted, remaining, next_us / MICROSECONDS, full_us / MICROSECONDS)


def _refuse(waiting: Sequence[tuple[_Call, asyncio.Future[Draw]]]) -> None:
    for _, answer in waiting:
        if not answer.done():
            answer.set_exception(_AwayError())


def _end_if_cancelled() -> None:
    """Raise what Python 3.11's wait_for, which redis-py uses, may have lost."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _clock_us() -> int:
    return time.monotonic_ns() // 1000


def _key(bucket: str) -> str:
    return f"solvequeue:bucket:{bucket}"
