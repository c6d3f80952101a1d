"""From this process' one reader to its many subscribers."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from db.contracts.channel import PREFIX
from db.contracts.errors import StreamUnavailableError
from db.contracts.event import Published
from db.contracts.settings import Settings
from db.stream import follow

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.5
CANCEL_AGAIN_SECONDS = 0.1
IDLE_SECONDS = 5.0
"""Without a subscriber for so long, the process reads no more events."""
READERS = 8
"""Threads that read logs for subscribers: a hung server must not take them all."""
PULSE = f"{PREFIX}pulse:"
"""Begins what is listened to by the process itself, to measure how long events take."""
EVERY_JOB = "jobs"
"""Subscribes to the events of all jobs; no log is called so."""

T = TypeVar("T")
Deliver = Callable[[Published | None], None]
"""Takes an event at once, on the event loop; None means: there may be a hole, read the
log again."""


class Hub:
    """Reads the firehose once for all subscribers of the process.

    Without a lifespan, as in a test client, each request may have an event loop of
    its own; so there is a room for each loop, and nothing crosses from one to another.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rooms: dict[asyncio.AbstractEventLoop, _Room] = {}

    @contextmanager
    def subscribe(self, log: str, deliver: Deliver) -> Iterator[None]:
        """Hear of a log's events from now on; read what came before from the log."""
        with self._room().subscribe(log, deliver):
            yield

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

    def is_heard(self, log: str) -> bool:
        """Return whether anyone of this process listens to the log."""
        return any(room.hears(log) for room in list(self._rooms.values()))

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
            room = self._rooms[loop] = _Room(self._settings)
        return room


class _Room:
    """One event loop's subscribers, and the task that reads for them."""

    def __init__(self, settings: Settings) -> None:
        self.limiter = anyio.CapacityLimiter(READERS)
        self.is_connected = asyncio.Event()
        self._settings = settings
        # In order, and quick to leave, each log's subscribers.
        self._subscribers: defaultdict[str, dict[int, Deliver]] = defaultdict(dict)
        self._names = 0
        self._reader: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many listen for somebody: the relay's own measuring is left out."""
        logs = list(self._subscribers.items())
        return sum(len(each) for log, each in logs if not log.startswith(PULSE))

    def hears(self, log: str) -> bool:
        return log in self._subscribers

    @contextmanager
    def subscribe(self, log: str, deliver: Deliver) -> Iterator[None]:
        # Not at start-up: an application without lifespan has readers too.
        if self._reader is None or self._reader.done():
            self._reader = asyncio.get_running_loop().create_task(self._keep_reading())
        name = self._names = self._names + 1
        self._subscribers[log][name] = deliver
        try:
            yield
        finally:
            del self._subscribers[log][name]
            if not self._subscribers[log]:
                del self._subscribers[log]

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
            if self._subscribers:
                needed_at = clock()
            elif clock() - needed_at > IDLE_SECONDS:
                self.is_connected.clear()
                # The next to subscribe starts another reader.
                self._reader = None
                return True
        return False

    def _dispatch(self, batch: list[Published] | None) -> None:
        if batch is None:
            for log in list(self._subscribers):
                self._deliver(log, None)
            return
        for event in batch:
            self._deliver(event.log, event)
            if not event.log.startswith(PREFIX):
                self._deliver(EVERY_JOB, event)

    def _deliver(self, log: str, event: Published | None) -> None:
        for deliver in list(self._subscribers.get(log, _NOBODY).values()):
            try:
                deliver(event)
            except Exception:
                # The fault of one subscriber must cost the others nothing.
                logger.exception("not delivered", extra={"action": "relay_failed"})


_NOBODY: dict[int, Deliver] = {}
