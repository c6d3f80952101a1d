import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from api.stack import Child, NotReadyError, PartFailedError

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("stubborn", flush=True)
signal.pause()
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
child.wait()
"""
READY_SECONDS = 20.0

MakeChild = Callable[..., Child]


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[MakeChild]:
    made: list[Child] = []

    def make(code: str, *, says: str = "", stop_seconds: float = 20.0) -> Child:
        log_path = tmp_path / "logs" / "part.log"
        child = Child(
            "part",
            [sys.executable, "-u", "-c", code],
            environment=os.environ,
            log_path=log_path,
            is_ready=lambda _: says in log_path.read_text(),
            stop_seconds=stop_seconds,
        )
        made.append(child)
        return child

    yield make
    for child in made:
        child.kill_group()
        child.stop()


def test_a_child_is_ready_when_its_condition_holds(make_child: MakeChild) -> None:
    child = make_child("print('here'); import signal; signal.pause()", says="here")
    assert not child.is_ready()
    child.start()
    child.wait_until_ready(timeout_seconds=READY_SECONDS)
    assert child.is_ready()


def test_a_child_that_ends_early_shows_its_log(make_child: MakeChild) -> None:
    child = make_child("raise SystemExit('no such part')", says="here")
    child.start()
    with pytest.raises(PartFailedError, match=r"(?s)code 1.*no such part"):
        child.wait_until_ready(timeout_seconds=READY_SECONDS)


def test_a_silent_child_is_given_up(make_child: MakeChild) -> None:
    child = make_child("import signal; signal.pause()", says="here")
    child.start()
    with pytest.raises(NotReadyError, match="was not ready within 0 s"):
        child.wait_until_ready(timeout_seconds=0)


def test_stopping_asks_first(make_child: MakeChild) -> None:
    child = make_child("import signal; signal.pause()")
    child.start()
    child.stop()
    assert child.returncode == -signal.SIGTERM


def test_stopping_insists(make_child: MakeChild) -> None:
    child = make_child(STUBBORN, says="stubborn", stop_seconds=0.1)
    child.start()
    child.wait_until_ready(timeout_seconds=READY_SECONDS)
    child.stop()
    assert child.returncode == -signal.SIGKILL


def test_stopping_ends_what_a_killed_child_left_behind(make_child: MakeChild) -> None:
    child = make_child(PARENT, says="\n")
    child.start()
    child.wait_until_ready(timeout_seconds=READY_SECONDS)
    grandchild = psutil.Process(int(child.log_tail()))
    child.kill()
    assert grandchild.is_running()
    child.stop()
    psutil.wait_procs([grandchild], timeout=READY_SECONDS)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_a_restarted_child_is_another_process(make_child: MakeChild) -> None:
    child = make_child("import signal; signal.pause()")
    child.start()
    before = child.pid
    child.restart()
    assert child.is_alive()
    assert child.pid != before


def test_a_child_that_was_never_started_stops_quietly(make_child: MakeChild) -> None:
    child = make_child("")
    child.stop()
    child.kill()
    assert child.pid is None
