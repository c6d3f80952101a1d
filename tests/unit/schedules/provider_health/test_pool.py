"""Threads that do things at their moments."""

import logging
import threading
import time

import pytest

from schedules.provider_health.pool import Pool
from tests.waiting import wait_until

PATIENCE_SECONDS = 30.0


def test_the_earliest_is_done_first_and_none_before_its_moment() -> None:
    done: list[tuple[str, float]] = []
    pool = Pool[str](1, lambda it: done.append((it, time.time())), now=time.time)
    begin = time.time()
    for name, wait in (("late", 0.2), ("past", -5.0), ("soon", 0.05)):
        pool.submit(name, begin + wait)
    assert pool.wait_until_idle(PATIENCE_SECONDS)
    assert [name for name, _ in done] == ["past", "soon", "late"]
    assert done[1][1] >= begin + 0.05
    assert done[2][1] >= begin + 0.2
    assert pool.drain(0.0) == []


def test_no_more_at_once_than_its_size() -> None:
    gate, lock = threading.Event(), threading.Lock()
    running: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with lock:
            running.append(number)
            most.append(len(running))
        gate.wait(PATIENCE_SECONDS)
        with lock:
            running.remove(number)

    pool = Pool[int](3, work, now=time.time)
    for number in range(10):
        pool.submit(number, 0.0)
    wait_until(lambda: len(running) == 3)
    assert pool.under_way == 10
    gate.set()
    assert pool.wait_until_idle(PATIENCE_SECONDS)
    assert max(most) == 3
    assert len(most) == 10
    pool.drain(0.0)


def test_what_fails_takes_no_thread_from_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = []

    def work(number: int) -> None:
        if number == 0:
            raise LookupError("of its own making")
        done.append(number)

    pool = Pool[int](1, work, now=time.time)
    with caplog.at_level(logging.ERROR):
        pool.submit(0, 0.0)
        pool.submit(1, 1.0)
        assert pool.wait_until_idle(PATIENCE_SECONDS)
    assert done == [1]
    assert "of its own making" in caplog.text
    pool.drain(0.0)


def test_what_was_not_begun_is_given_back() -> None:
    gate, begun = threading.Event(), threading.Event()

    def work(_: str) -> None:
        begun.set()
        gate.wait(PATIENCE_SECONDS)

    pool = Pool[str](1, work, now=time.time)
    pool.submit("first", 0.0)
    assert begun.wait(PATIENCE_SECONDS)
    pool.submit("second", 1.0)
    assert pool.drain(0.0) == ["second"]
    assert not pool.submit("third", 0.0)
    assert pool.under_way == 1
    gate.set()
    assert pool.drain(PATIENCE_SECONDS) == []
    assert pool.under_way == 0
