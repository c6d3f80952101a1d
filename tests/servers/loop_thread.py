"""An event loop in a thread of its own, for servers that a test talks to."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs what it is given from a thread that has no loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what it comes to."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def call(self, what: Callable[[], object]) -> None:
        """Have it called soon."""
        self._loop.call_soon_threadsafe(what)

    def stop(self) -> None:
        self.call(self._loop.stop)
        self._thread.join()
        self._loop.close()
