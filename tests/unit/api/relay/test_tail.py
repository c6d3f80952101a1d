"""A reader trusts numbers only, whatever the hub brings it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import pytest

from api.relay.hub import Hub
from api.relay.tail import Tail
from db.contracts.errors import StreamUnavailableError
from db.contracts.event import EventType, Published
from db.event_log import LogPage

LENGTH = 40


def event(number: int, epoch: str = "e", *, last: int = LENGTH) -> Published:
    type_ = EventType.JOB_SUCCEEDED if number == last else EventType.JOB_PROGRESS
    return Published("job", number, epoch, type_, f"{epoch}{number}")


class WrittenLog:
    """A log of which more and more can be read."""

    def __init__(self) -> None:
        self.visible = 0
        self.epoch = "e"
        self.page = 500
        self.faults = 0

    def read(self, job_id: str, *, after: int = 0, limit: int = 500) -> LogPage:
        if self.faults:
            self.faults -= 1
            raise StreamUnavailableError
        end = min(self.visible, after + self.page)
        found = [event(number, self.epoch) for number in range(after + 1, end + 1)]
        return LogPage(self.epoch, found, self.visible, self.visible == LENGTH)


class ScriptedHub:
    """Brings what a test tells it to, whenever a reader waits for it."""

    def __init__(self, script: Sequence[Callable[[], Published | None]]) -> None:
        self._script = iter(script)
        self.listeners = 0

    @contextmanager
    def subscribe(self, log: str, deliver: Callable[[Published | None], None]) -> Any:
        self.listeners += 1
        telling = asyncio.ensure_future(self._tell(deliver))
        yield
        telling.cancel()
        self.listeners -= 1

    async def _tell(self, deliver: Callable[[Published | None], None]) -> None:
        for bring in self._script:
            # Now and then while the log is being read, and now and then while not.
            await asyncio.sleep(0)
            deliver(bring())

    async def read(self, reading: Callable[[], LogPage]) -> LogPage:
        await asyncio.sleep(0)
        page = reading()
        await asyncio.sleep(0)
        return page

    async def wait_for_server(self) -> None:
        return


class Reader:
    """Takes what it is given."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def take(self, event: Published) -> None:
        self.found.append(event.body)

    async def drained(self) -> None:
        return


def follow(log: WrittenLog, hub: ScriptedHub, **start: Any) -> tuple[list[str], Tail]:
    tail = Tail(
        cast("Hub", hub), "job", lambda after: log.read("job", after=after), **start
    )
    reader = Reader()
    asyncio.run(tail.follow(reader))
    assert hub.listeners == 0
    return reader.found, tail


def bodies(first: int, last: int = LENGTH) -> list[str]:
    return [f"e{number}" for number in range(first, last + 1)]


def test_a_finished_log_is_read_in_pages() -> None:
    log = WrittenLog()
    log.visible, log.page = LENGTH, 7
    found, tail = follow(log, ScriptedHub([]), after=3)
    assert found == bodies(4)
    assert not tail.is_lost


def test_what_was_seen_to_its_end_ends_at_once() -> None:
    log = WrittenLog()
    log.visible = LENGTH
    found, tail = follow(log, ScriptedHub([]), after=LENGTH)
    assert (found, tail.is_lost) == ([], False)


@pytest.mark.parametrize("seed", range(20))
def test_events_doubled_dropped_and_reordered_come_out_right(seed: int) -> None:
    rng, log = np.random.default_rng(seed), WrittenLog()

    def bring() -> Published | None:
        log.visible = min(LENGTH, log.visible + int(rng.integers(0, 4)))
        log.page = int(rng.integers(1, 9))
        number = int(rng.integers(1, max(log.visible, 1) + 1))
        kind = int(rng.integers(0, 5))
        if kind == 0 or not log.visible:
            return None
        return event(number, "older" if kind == 1 else "e")

    found, tail = follow(log, ScriptedHub([bring] * 10_000))
    assert found == bodies(1)
    assert not tail.is_lost


def test_a_fault_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.relay.tail.AGAIN_SECONDS", 0.0)
    log = WrittenLog()
    log.visible, log.faults = LENGTH, 3
    assert follow(log, ScriptedHub([]))[0] == bodies(1)


@pytest.mark.parametrize(
    "start", [{"after": 5, "epoch": "other"}, {"after": LENGTH + 1}]
)
def test_a_position_of_another_log_is_lost(start: dict[str, Any]) -> None:
    log = WrittenLog()
    log.visible = LENGTH
    found, tail = follow(log, ScriptedHub([]), **start)
    assert (found, tail.is_lost) == ([], True)


def test_a_log_begun_anew_is_lost_and_nothing_of_it_passed_on() -> None:
    log = WrittenLog()
    log.visible = 10

    def begin_anew() -> Published:
        log.epoch, log.visible = "new", 12
        return event(11, "new")

    found, tail = follow(log, ScriptedHub([begin_anew]))
    assert (found, tail.is_lost) == (bodies(1, 10), True)
