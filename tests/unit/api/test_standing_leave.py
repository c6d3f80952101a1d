"""What is open is closed when its caller's leave ends, and not before."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import ExitStack

import pytest

from api import standing_leave
from api.standing_leave import Ending, StandingLeave
from db.contracts.caller import Caller, Scope
from db.contracts.errors import DatabaseUnavailableError, UnauthenticatedError


class Callers:
    """Knows some, until they are revoked; counts who was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.questions: asyncio.Queue[str] = asyncio.Queue()
        self.faults: dict[str, Exception] = {}
        self.scopes = frozenset({Scope.READ})

    async def recognise(self, credential: str) -> Caller:
        self.asked[credential] += 1
        self.questions.put_nowait(credential)
        if credential in self.faults:
            raise self.faults[credential]
        return Caller(name=credential, scopes=self.scopes, is_known=True)


@pytest.fixture
def callers(monkeypatch: pytest.MonkeyPatch) -> Callers:
    monkeypatch.setattr(standing_leave, "CHECK_SECONDS", 0.001)
    return Callers()


async def until_asked(callers: Callers, credential: str, times: int = 3) -> None:
    for _ in range(times):
        async with asyncio.timeout(30):
            while await callers.questions.get() != credential:
                pass


def test_a_revoked_caller_loses_all_that_it_has_open_and_no_other_does(
    callers: Callers,
) -> None:
    async def story() -> None:
        leave = StandingLeave(callers.recognise)
        closed: list[tuple[str, Ending]] = []
        with ExitStack() as opened:
            for name in ("a", "a", "b"):
                opened.enter_context(
                    leave.watching(name, lambda e, n=name: closed.append((n, e)))  # type: ignore[misc]
                )
            await until_asked(callers, "a")
            assert closed == []
            callers.faults["a"] = UnauthenticatedError()
            await until_asked(callers, "b", 10)
        assert closed == [("a", Ending.UNAUTHENTICATED)] * 2

    asyncio.run(story())


def test_a_caller_that_may_read_no_more_is_closed(callers: Callers) -> None:
    async def story() -> None:
        leave, closed = StandingLeave(callers.recognise), asyncio.Event()
        callers.scopes = frozenset()
        with leave.watching("a", lambda _: closed.set()):
            await asyncio.wait_for(closed.wait(), 30)

    asyncio.run(story())


def test_while_nobody_can_say_what_is_open_stays_open(callers: Callers) -> None:
    async def story() -> None:
        leave, closed = StandingLeave(callers.recognise), asyncio.Event()
        callers.faults["a"] = DatabaseUnavailableError()
        with leave.watching("a", lambda _: closed.set()):
            await until_asked(callers, "a")
            assert not closed.is_set()

    asyncio.run(story())


def test_many_open_things_of_one_caller_cost_one_question(callers: Callers) -> None:
    async def story() -> None:
        leave = StandingLeave(callers.recognise)
        with ExitStack() as opened:
            for _ in range(2_000):
                opened.enter_context(leave.watching("a", lambda _: None))
            assert len(leave._watches) == 1
            tasks = len(asyncio.all_tasks())
            await until_asked(callers, "a")
            assert len(asyncio.all_tasks()) == tasks == 2
        await asyncio.sleep(0)
        assert (leave._watches, leave._open) == ({}, set())

    asyncio.run(story())


def test_who_comes_after_the_last_one_left_is_watched_again(callers: Callers) -> None:
    async def story() -> None:
        leave, closed = StandingLeave(callers.recognise), asyncio.Event()
        with leave.watching("a", lambda _: None):
            pass
        with leave.watching("a", lambda _: closed.set()):
            await until_asked(callers, "a")
            callers.faults["a"] = UnauthenticatedError()
            await asyncio.wait_for(closed.wait(), 30)

    asyncio.run(story())


def test_all_is_closed_once_when_the_process_is_asked_to_go(callers: Callers) -> None:
    async def story() -> None:
        leave = StandingLeave(callers.recognise)
        closed: list[Ending] = []
        passed_on = asyncio.Event()
        before = signal.signal(signal.SIGTERM, lambda *_: passed_on.set())
        try:
            with (
                leave.ending_by_signal(),
                leave.watching("a", closed.append),
                leave.watching(None, closed.append),
            ):
                for _ in range(2):
                    os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.wait_for(passed_on.wait(), 30)
                # The loop hears of it in its own turn.
                await asyncio.sleep(0)
                leave.end_all()
            assert passed_on.is_set()
            assert closed == [Ending.RESTART] * 2
        finally:
            signal.signal(signal.SIGTERM, before)

    asyncio.run(story())
