"""One reader's way through one log: what was, then what comes, without a hole."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial

from api.relay.hub import Hub, Subscription
from db.contracts.errors import UnavailableError
from db.contracts.event import Published
from db.event_log import EventLog, LogPage

AGAIN_SECONDS = 0.5


class Tail:
    """Where one reader stands in one log.

    Numbers are all that is trusted: an event from the hub is passed on only if it is
    the very next one; anything else sends the reader back to the log.
    """

    def __init__(
        self, log: EventLog, hub: Hub, job_id: str, *, after: int = 0, epoch: str = ""
    ) -> None:
        self._log = log
        self._hub = hub
        self._job_id = job_id
        self.sequence = after
        self.epoch = epoch
        self.is_lost = False
        """Whether the log is no longer the one this reader began: its numbers mean
        nothing any more, and only another reader, from the start, sees it all."""

    async def follow(self) -> AsyncGenerator[Sequence[Published]]:
        """Yield events, in batches, up to and with the terminal one.

        Ends early, and ``is_lost``, where the log was begun anew (another epoch) or
        is shorter than where the reader stands.
        """
        with self._hub.subscribe(self._job_id) as subscription:
            while True:
                page = await self._page()
                if self._is_elsewhere(page):
                    self.is_lost = True
                    return
                self.epoch = page.epoch
                if page.events:
                    self.sequence = page.events[-1].sequence
                    yield page.events
                    if page.events[-1].type.is_terminal:
                        return
                elif page.ended:
                    return
                else:
                    while event := await self._next(subscription):
                        yield [event]
                        if event.type.is_terminal:
                            return

    async def _page(self) -> LogPage:
        read = partial(self._log.read, self._job_id, after=self.sequence)
        while True:
            try:
                return await self._hub.read(read)
            except UnavailableError:
                # Nothing can be told now; what is missed is read when it is back.
                await self._hub.wait_for_server()
                await asyncio.sleep(AGAIN_SECONDS)

    def _is_elsewhere(self, page: LogPage) -> bool:
        found = page.events[0].epoch if page.events else page.epoch
        is_other = bool(self.epoch) and found != self.epoch
        return is_other or self.sequence > page.last_sequence

    async def _next(self, subscription: Subscription) -> Published | None:
        """Return the event that follows, or None: read the log again."""
        while True:
            event = await subscription.next()
            if event is None or event.epoch != self.epoch:
                return None
            if event.sequence > self.sequence + 1:
                return None
            if event.sequence == self.sequence + 1:
                self.sequence = event.sequence
                return event
