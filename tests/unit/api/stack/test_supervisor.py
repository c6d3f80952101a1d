import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.stack import Child, PartFailedError, PartName, Stack, Supervisor, supervisor
from db.contracts.settings import Settings

WAIT_SECONDS = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.0)


def stack_of(tmp_path: Path, code: str) -> Stack:
    stack = Stack(Settings(home=tmp_path))
    child = Child(
        "beat",
        [sys.executable, "-c", code],
        environment={},
        log_path=tmp_path / "beat.log",
    )
    stack.handles[PartName.BEAT] = child
    child.start()
    return stack


def look_until(watching: Supervisor, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end
        watching.look()


def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, "import signal; signal.pause()")
    told: list[str] = []
    watching = Supervisor(stack, tell=told.append)
    child = stack.handles[PartName.BEAT]
    before = child.pid
    child.kill()
    look_until(watching, child.is_alive)
    assert child.pid != before
    assert told == [
        f"beat ended; it starts again in 0 s ({tmp_path / 'beat.log'})",
        "beat started again",
    ]
    stack.stop()


def test_a_part_that_cannot_live_ends_the_watch_with_its_log(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, "raise SystemExit('out of order')")
    watching = Supervisor(stack)
    with pytest.raises(PartFailedError, match=r"(?s)5 times in a row.*out of order"):
        look_until(watching, lambda: False)
    stack.stop()


def test_nothing_is_started_while_the_stack_stops(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, "import signal; signal.pause()")
    watching = Supervisor(stack)
    stack.stop()
    watching.look()
    assert not stack.handles[PartName.BEAT].is_alive()


def test_the_watch_ends_when_it_is_told(tmp_path: Path) -> None:
    stopped = threading.Event()
    stopped.set()
    Supervisor(Stack(Settings(home=tmp_path))).run(stopped)
