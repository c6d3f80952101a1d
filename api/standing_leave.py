"""For how long what is open may stay so: while its caller's key or token is good.

And while the process is not asked to go: a stream without an end of its own would keep
it waiting for all the time that a server gives to answers.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType
from typing import Any

from db.contracts.caller import Caller, Scope
from db.contracts.errors import ForbiddenError, UnauthenticatedError, UnavailableError

logger = logging.getLogger(__name__)

CHECK_SECONDS = 15.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)

Recognise = Callable[[str], Awaitable[Caller]]


class Ending(IntEnum):
    """Why something is closed; a socket says so with this code."""

    RESTART = 4001
    UNAUTHENTICATED = 4401


End = Callable[[Ending], None]


class StandingLeave:
    """Asks again, now and then, whether those who have something open still may.

    One question for each key or token, whatever it has open.
    """

    def __init__(self, recognise: Recognise) -> None:
        """``recognise`` says who a key or token stands for, or raises."""
        self._recognise = recognise
        self._watches: dict[tuple[asyncio.AbstractEventLoop, str], _Watch] = {}
        self._open: set[_Open] = set()

    @contextmanager
    def watching(self, credential: str | None, end: End) -> Iterator[None]:
        """Have ``end`` called, once, on this event loop, when the leave ends.

        Without a key or token only the process' own end matters.
        """
        opened = _Open(end)
        self._open.add(opened)
        loop = asyncio.get_running_loop()
        watch = self._watch(loop, credential) if credential is not None else None
        if watch is not None:
            watch.opened.add(opened)
        try:
            yield
        finally:
            self._open.discard(opened)
            if watch is not None:
                watch.opened.discard(opened)
                if not watch.opened:
                    watch.task.cancel()

    def end_all(self) -> None:
        """Close everything: the process is asked to go."""
        for opened in list(self._open):
            opened.close(Ending.RESTART)

    @contextmanager
    def ending_by_signal(self) -> Iterator[None]:
        """Close everything on the signals that ask a process to go, and pass them on.

        The server has its handlers there before the application starts.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in SIGNALS}

        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.end_all)
            then: Any = before[signal.Signals(number)]
            if callable(then):
                then(number, frame)

        for number in SIGNALS:
            if callable(before[number]):
                signal.signal(number, handle)
        try:
            yield
        finally:
            for number, then in before.items():
                signal.signal(number, then)

    def _watch(self, loop: asyncio.AbstractEventLoop, credential: str) -> "_Watch":
        key = (loop, credential)
        watch = self._watches.get(key)
        if watch is None or watch.task.done() or not watch.opened:
            watch = self._watches[key] = _Watch()
            watch.task = loop.create_task(self._keep_asking(key, watch))
        return watch

    async def _keep_asking(
        self, key: tuple[asyncio.AbstractEventLoop, str], watch: "_Watch"
    ) -> None:
        try:
            is_good = True
            while is_good:
                await asyncio.sleep(CHECK_SECONDS)
                is_good = await self._is_good(key[1])
            for opened in list(watch.opened):
                opened.close(Ending.UNAUTHENTICATED)
        finally:
            if self._watches.get(key) is watch:
                del self._watches[key]

    async def _is_good(self, credential: str) -> bool:
        try:
            caller = await self._recognise(credential)
        except (UnauthenticatedError, ForbiddenError):
            return False
        except UnavailableError:
            # Nobody can say now; what is open stays open.
            return True
        except Exception:
            logger.exception("leave not checked", extra={"action": "leave_failed"})
            return True
        return Scope.READ in caller.scopes


class _Open:
    """One thing that is open."""

    def __init__(self, end: End) -> None:
        self._end: End | None = end

    def close(self, ending: Ending) -> None:
        end, self._end = self._end, None
        if end is not None:
            end(ending)


class _Watch:
    """What one key or token has open, and the task that asks about it."""

    task: asyncio.Task[None]

    def __init__(self) -> None:
        self.opened: set[_Open] = set()
