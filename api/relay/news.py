"""Wakes who waits for something to happen."""

import asyncio
from collections.abc import Callable

from db.contracts.event import Published


class News:
    """Remembers that something came; subscribe ``hear`` to a log."""

    def __init__(self, concerns: Callable[[Published], bool] = lambda _: True) -> None:
        """``concerns`` says which events matter; a hole may hide one that does."""
        self._concerns = concerns
        self._came = asyncio.Event()

    def hear(self, event: Published | None) -> None:
        if event is None or self._concerns(event):
            self._came.set()

    async def came(self, seconds: float) -> bool:
        """Wait for something; return whether there was any."""
        try:
            async with asyncio.timeout(seconds):
                await self._came.wait()
        except TimeoutError:
            return False
        self._came.clear()
        return True
