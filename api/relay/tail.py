"""One reader's way through one log: what was, then what comes, without a hole."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from api.relay.hub import Hub
from db.contracts.errors import UnavailableError
from db.contracts.event import Published
from db.event_log import LogPage

AGAIN_SECONDS = 0.5


class Reader(Protocol):
    """Takes a log's events."""

    def take(self, event: Published) -> None:
        """Take the next event, at once."""
        ...

    async def drained(self) -> None:
        """Return when it can take more of what was."""
        ...


class Tail:
    """Where one reader stands in one log.

    Numbers are all that is trusted: an event from the hub is passed on only if it is
    the very next one; anything else sends the reader back to the log.
    """

    def __init__(
        self,
        hub: Hub,
        log: str,
        read: Callable[[int], LogPage],
        *,
        after: int = 0,
        epoch: str = "",
    ) -> None:
        """``read`` reads the log after a number, and blocks meanwhile."""
        self._hub = hub
        self._log = log
        self._read = read
        self.sequence = after
        self.epoch = epoch
        self.is_lost = False
        """Whether the log is no longer the one this reader began, or has not kept what
        follows: its numbers mean nothing any more, and only another reader sees it."""
        self._heard = after
        """The latest that the hub has told, while the log was being read."""
        self._is_live = False
        self._has_ended = False
        self._turn = asyncio.Event()

    async def follow(self, reader: Reader) -> None:
        """Pass events on up to and with the terminal one.

        Ends early, and ``is_lost``, where the log was begun anew (another epoch) or
        has no event where the reader stands.
        """

        def hear(event: Published | None) -> None:
            self._hear(event, reader.take)

        with self._hub.subscribe(self._log, hear):
            while not self._has_ended:
                page = await self._page()
                if self._is_elsewhere(page):
                    self.is_lost = True
                    return
                self.epoch = page.epoch
                for event in page.events:
                    self._pass_on(event, reader.take)
                    await reader.drained()
                is_whole = page.last_sequence <= self.sequence
                if is_whole and page.ended:
                    return
                if is_whole and self._heard <= self.sequence:
                    await self._live()

    async def _live(self) -> None:
        """Let the hub pass events on, until the end or something is missing."""
        self._turn.clear()
        self._is_live = True
        try:
            await self._turn.wait()
        finally:
            self._is_live = False

    def _hear(self, event: Published | None, take: Callable[[Published], None]) -> None:
        if event is None or (self.epoch and event.epoch != self.epoch):
            # Even if nothing follows, the log has to be looked at once more.
            self._heard = self.sequence + 1
            self._stop()
        elif not self._is_live or event.sequence > self.sequence + 1:
            self._heard = max(self._heard, event.sequence)
            self._stop()
        elif event.sequence == self.sequence + 1:
            self._pass_on(event, take)
            if self._has_ended:
                self._stop()

    def _stop(self) -> None:
        self._is_live = False
        self._turn.set()

    def _pass_on(self, event: Published, take: Callable[[Published], None]) -> None:
        self.sequence = event.sequence
        self.epoch = event.epoch
        self._has_ended = event.type.is_terminal
        take(event)

    async def _page(self) -> LogPage:
        while True:
            # What is told from here on, the page may or may not have.
            self._heard = self.sequence
            try:
                return await self._hub.read(lambda: self._read(self.sequence))
            except UnavailableError:
                # Nothing can be told now; what is missed is read when it is back.
                await self._hub.wait_for_server()
                await asyncio.sleep(AGAIN_SECONDS)

    def _is_elsewhere(self, page: LogPage) -> bool:
        found = page.events[0].epoch if page.events else page.epoch
        is_other = bool(self.epoch) and found != self.epoch
        is_short = self.sequence > page.last_sequence
        is_forgotten = self.sequence + 1 < page.first_sequence
        return is_other or is_short or is_forgotten
