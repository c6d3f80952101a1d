"""What waits for one slow reader, bounded by its bytes."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

MAX_WAITING_BYTES = 1 << 20
"""A reader for whom more waits than this is given up; it comes back where it was."""
LOW_BYTES = MAX_WAITING_BYTES // 4
"""Who reads a long log for somebody goes on below this."""

T = TypeVar("T")


class Outbox(Generic[T]):
    """A queue that never makes its writer wait, and says when it is over-full."""

    def __init__(self) -> None:
        self._items: deque[tuple[T, int]] = deque()
        self._has_some = asyncio.Event()
        self._is_low = asyncio.Event()
        self._is_low.set()
        self.waiting_bytes = 0

    def put(self, item: T, size: int) -> bool:
        """Add it; return False, and keep nothing, where too much waits already."""
        if self.waiting_bytes + size > MAX_WAITING_BYTES and self._items:
            return False
        self._items.append((item, size))
        self.waiting_bytes += size
        self._has_some.set()
        if self.waiting_bytes > LOW_BYTES:
            self._is_low.clear()
        return True

    async def take(self) -> list[T]:
        """Wait for something; return all that waits."""
        await self._has_some.wait()
        found = [item for item, _ in self._items]
        self._items.clear()
        self.waiting_bytes = 0
        self._has_some.clear()
        self._is_low.set()
        return found

    async def drained(self) -> None:
        """Return when little waits."""
        await self._is_low.wait()
