"""From this process' one reader to its many subscribers."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from db.contracts.errors import StreamUnavailableError
from db.contracts.event import Published
from db.contracts.settings import Settings
from db.stream import follow

logger = logging.getLogger(__name__)

MAX_WAITING = 256
RECONNECT_SECONDS = 0.5
CANCEL_AGAIN_SECONDS = 0.1
IDLE_SECONDS = 5.0
"""Without a subscriber for so long, the process reads no more events."""
READERS = 8
"""Threads that read logs for subscribers: a hung server must not take them all."""

T = TypeVar("T")


class Subscription:
    """Events of one job, as they come; a hole means: read the log again.

    A subscriber that falls too far behind finds a hole instead of a full queue, so
    that its slowness costs nobody else anything.
    """

    def __init__(self, on_drop: Callable[[], None] = lambda: None) -> None:
        self._waiting: asyncio.Queue[Published | None] = asyncio.Queue(MAX_WAITING)
        self._on_drop = on_drop

    async def next(self) -> Published | None:
        """Return the next event, or None: there may be a hole before the next."""
        return await self._waiting.get()

    async def has_news(
        self, seconds: float, concerns: Callable[[Published], bool]
    ) -> bool:
        """Wait for an event that concerns the caller, or a hole where one may be."""
        try:
            async with asyncio.timeout(seconds):
                while (event := await self._waiting.get()) and not concerns(event):
                    pass
        except TimeoutError:
            return False
        self._forget()
        return True

    def offer(self, event: Published | None) -> None:
        if self._waiting.full():
            self._forget()
            self._on_drop()
            event = None
        self._waiting.put_nowait(event)

    def _forget(self) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()


class Hub:
    """Reads the firehose once for all subscribers of the process.

    Without a lifespan, as in a test client, each request may have an event loop of
    its own; so there is a room for each loop, and nothing crosses from one to another.
    """

    def __init__(
        self, settings: Settings, *, on_drop: Callable[[], None] = lambda: None
    ) -> None:
        """``on_drop`` is called for each subscriber that fell too far behind."""
        self._settings = settings
        self._on_drop = on_drop
        self._rooms: dict[asyncio.AbstractEventLoop, _Room] = {}

    @contextmanager
    def subscribe(self, job_id: str) -> Iterator[Subscription]:
        """Hear of a job's events from now on; read what came before from the log."""
        with self._room().subscribe(job_id) as subscription:
            yield subscription

    async def read(self, reading: Callable[[], T]) -> T:
        """Read a log in a thread of the few that are for readers."""
        return await anyio.to_thread.run_sync(reading, limiter=self._room().limiter)

    async def wait_for_server(self) -> None:
        """Return when the event server answers."""
        await self._room().is_connected.wait()

    @property
    def subscriptions(self) -> int:
        """How many listen."""
        return sum(room.count for room in list(self._rooms.values()))

    async def close(self) -> None:
        room = self._rooms.pop(asyncio.get_running_loop(), None)
        if room is not None:
            await room.close()

    def _room(self) -> "_Room":
        loop = asyncio.get_running_loop()
        room = self._rooms.get(loop)
        if room is None:
            for gone in [each for each in list(self._rooms) if each.is_closed()]:
                self._rooms.pop(gone, None)
            room = self._rooms[loop] = _Room(self._settings, self._on_drop)
        return room


class _Room:
    """One event loop's subscribers, and the task that reads for them."""

    def __init__(self, settings: Settings, on_drop: Callable[[], None]) -> None:
        self.count = 0
        self.limiter = anyio.CapacityLimiter(READERS)
        self.is_connected = asyncio.Event()
        self._settings = settings
        self._on_drop = on_drop
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None

    @contextmanager
    def subscribe(self, job_id: str) -> Iterator[Subscription]:
        # Not at start-up: an application without lifespan has readers too.
        if self._reader is None or self._reader.done():
            self._reader = asyncio.get_running_loop().create_task(self._keep_reading())
        subscription = Subscription(self._on_drop)
        self._subscriptions[job_id].add(subscription)
        self.count += 1
        try:
            yield subscription
        finally:
            self.count -= 1
            self._subscriptions[job_id].discard(subscription)
            if not self._subscriptions[job_id]:
                del self._subscriptions[job_id]

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _keep_reading(self) -> None:
        reading = asyncio.get_running_loop().create_task(self._read())
        try:
            await asyncio.wait({reading})
        finally:
            # Python 3.11's wait_for, which redis-py uses, may lose a cancellation.
            while not reading.done():
                reading.cancel()
                await asyncio.wait({reading}, timeout=CANCEL_AGAIN_SECONDS)

    async def _read(self) -> None:
        while True:
            try:
                async with aclosing(follow(self._settings)) as batches:
                    if await self._pass_on(batches):
                        return
            except StreamUnavailableError:
                logger.warning("event server is away", extra={"action": "relay_waits"})
            except Exception:
                # All readers of the process hang on this task.
                logger.exception("relay failed", extra={"action": "relay_failed"})
            self.is_connected.clear()
            self._dispatch(None)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _pass_on(
        self, batches: AsyncGenerator[list[Published] | None, None]
    ) -> bool:
        """Pass events on; return True when nobody has listened for a while."""
        clock = asyncio.get_running_loop().time
        needed_at = clock()
        async for batch in batches:
            self.is_connected.set()
            self._dispatch(batch)
            if self._subscriptions:
                needed_at = clock()
            elif clock() - needed_at > IDLE_SECONDS:
                self.is_connected.clear()
                # The next to subscribe starts another reader.
                self._reader = None
                return True
        return False

    def _dispatch(self, batch: list[Published] | None) -> None:
        if batch is None:
            for subscriptions in list(self._subscriptions.values()):
                for subscription in list(subscriptions):
                    subscription.offer(None)
            return
        for event in batch:
            for subscription in list(self._subscriptions.get(event.job_id, ())):
                subscription.offer(event)
