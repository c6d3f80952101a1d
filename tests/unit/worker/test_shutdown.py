"""The parent's word reaches the children that it forked."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker import shutdown

FORK_AND_TELL = """
import os
from worker import shutdown
told, tell = os.pipe()
child = os.fork()
if child == 0:
    os.close(tell)
    os.read(told, 1)
    os._exit(0 if shutdown.announced_for() > 0 else 1)
shutdown.announce()
os.close(tell)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture
def _quiet_after() -> Iterator[None]:
    yield
    shutdown._shared[:] = bytes(len(shutdown._shared))


def test_nothing_is_announced_at_first() -> None:
    assert shutdown.announced_for() == 0.0


@pytest.mark.usefixtures("_quiet_after")
def test_an_announcement_grows_old() -> None:
    shutdown.announce()
    first = shutdown.announced_for()
    assert 0.0 <= first <= shutdown.announced_for()


def test_a_child_hears_what_its_parent_announces() -> None:
    # In a process of its own: a test session has threads, and must not fork.
    shown = subprocess.run(
        [sys.executable, "-c", FORK_AND_TELL],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "0"
