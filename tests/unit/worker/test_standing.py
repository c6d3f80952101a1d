"""A worker says that it is there, with its children, until it goes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from db import owner, presence
from db.backplane import Backplane
from tests.waiting import wait_until
from worker import standing as module
from worker.standing import Standing


@pytest.fixture
def standing(
    sqlite_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Standing]:
    monkeypatch.setattr(module, "TELL_SECONDS", 0.01)
    begun = Standing(sqlite_backplane.settings)
    begun.begin(name="solvers@here", slots=2, queues=["bulk", "standard"])
    yield begun
    begun.end()


def test_it_is_there_with_its_children_until_it_ends(
    standing: Standing, sqlite_backplane: Backplane
) -> None:
    seen = sqlite_backplane.presence
    wait_until(seen.workers)
    (worker,) = seen.workers()
    host = sqlite_backplane.settings.host
    assert (worker.name, worker.slots) == ("solvers@here", 2)
    assert worker.queues == ["bulk", "standard"]
    assert worker.id == owner.this_process(host)
    assert worker.runs(worker.id)
    assert time.time() - worker.since < 60
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True
    )
    wait_until(lambda: child.pid in seen.workers()[0].processes)
    assert seen.workers()[0].runs(f"{owner.place(host)}:{child.pid}:1")
    child.communicate("\n")
    wait_until(lambda: child.pid not in seen.workers()[0].processes)
    standing.end()
    wait_until(lambda: not seen.workers())


def test_one_that_falls_silent_is_not_there_any_more(
    standing: Standing,
    sqlite_backplane: Backplane,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = sqlite_backplane.presence
    wait_until(seen.workers)
    worker = seen.workers()[0]
    monkeypatch.setattr(presence, "ABSENT_AFTER_SECONDS", 1)
    silent = worker.model_copy(update={"id": f"gone:{os.getpid()}:1"})
    seen.tell_worker(silent)
    assert len(seen.workers()) == 2
    wait_until(lambda: [each.id for each in seen.workers()] == [worker.id])
