"""Both clients, asked in the same words: one test for what is written once."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from anyio.from_thread import BlockingPortal, start_blocking_portal

from api.client import AsyncClient, Client

COLOURS = ("sync", "async")


@contextmanager
def opened(colour: str, *arguments: Any, **options: Any) -> Iterator[Client]:
    """Open a client; the asynchronous one runs in a thread and looks like it."""
    if colour == "sync":
        with Client(*arguments, **options) as client:
            yield client
        return
    with start_blocking_portal() as portal:
        asynchronous = AsyncClient(*arguments, **options)
        try:
            yield cast("Client", _Awaited(portal, asynchronous))
        finally:
            portal.call(asynchronous.aclose)


class _Awaited:
    """A thing whose coroutines are awaited and whose iterators are iterated."""

    def __init__(self, portal: BlockingPortal, target: object) -> None:
        self._portal = portal
        self._target = target

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if type(found).__module__.startswith("api.client._async"):
            return _Awaited(self._portal, found)
        return self._called(found) if callable(found) else found

    def _called(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            async def run() -> Any:
                answer = function(*arguments, **options)
                return await answer if inspect.isawaitable(answer) else answer

            answer = self._portal.call(run)
            return self._iterated(answer) if hasattr(answer, "__anext__") else answer

        return call

    def _iterated(self, iterator: AsyncIterator[Any]) -> Iterator[Any]:
        while True:
            try:
                item = self._portal.call(iterator.__anext__)
            except StopAsyncIteration:
                return
            yield item
