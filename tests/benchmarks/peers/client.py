"""One peer's producer, in the peers' environment: a line of JSON asks, one answers.

`python client.py dramatiq_peer` imports that module and calls its `enqueue`: a plain
function, or a coroutine function, of which four are under way at once. A task is done
when it has pushed its name to the list `DONE`.
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from importlib import metadata
from typing import Any

import redis

DONE = "peer:done"
AT_ONCE = 4
"""As many as there are clients of the REST API beside it."""


class Producer:
    """Has names enqueued, and waits for them."""

    def __init__(self, module: Any) -> None:
        self._enqueue: Callable[[str], Any] = module.enqueue
        self._client = redis.Redis.from_url(os.environ["REDIS_URL"])
        self._loop = asyncio.new_event_loop()

    def many(self, n: int) -> float:
        self._client.delete(DONE)
        begun = time.perf_counter()
        if inspect.iscoroutinefunction(self._enqueue):
            self._run(self._several(n))
        else:
            for number in range(n):
                self._enqueue(str(number))
        pause = threading.Event()
        while self._client.llen(DONE) < n:
            pause.wait(0.005)
        return time.perf_counter() - begun

    def singles(self, n: int) -> list[float]:
        self._client.delete(DONE)
        return [self._single(str(number)) for number in range(n)]

    def _single(self, name: str) -> float:
        begun = time.perf_counter()
        if inspect.iscoroutinefunction(self._enqueue):
            self._run(self._enqueue(name))
        else:
            self._enqueue(name)
        while not self._client.blpop([DONE], timeout=2):
            continue
        return time.perf_counter() - begun

    async def _several(self, n: int) -> None:
        names = iter(range(n))

        async def some() -> None:
            for name in names:
                await self._enqueue(str(name))

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(work)


def main() -> None:
    module = importlib.import_module(sys.argv[1])
    producer = Producer(module)
    versions = {name: metadata.version(name) for name in module.PACKAGES}
    print(json.dumps(versions), flush=True)
    for line in sys.stdin:
        what, n = json.loads(line)
        print(json.dumps(getattr(producer, what)(n)), flush=True)


if __name__ == "__main__":
    main()
