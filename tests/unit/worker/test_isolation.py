"""Calculations in a process of their own: what they answer, and how they are ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from db.contracts.calculations.evaluate import (
    EVALUATE,
    EvaluateOutcome,
    EvaluateParameters,
)
from db.contracts.calculations.npv import NPV, NpvOutcome, NpvParameters
from db.contracts.errors import (
    InternalError,
    InvalidInputError,
    TooMuchMemoryError,
)
from tests.waiting import wait_until
from worker import isolation
from worker.calculations.watch import StoppedError
from worker.isolation import GRACE_SECONDS, end_idle, run_apart

PARAMETERS = NpvParameters.model_validate(NPV.example)
QUICK = EvaluateParameters(expression="gamma(3.5)", digits=20)
LONG = EvaluateParameters(expression="zeta(2.5)", digits=10_000, check=False)
"""Some seconds in one call of the library."""
ROOM = 2**31
LONG_CALL = "run_apart(EVALUATE, LONG, goes_on, memory_bytes=ROOM)"


@pytest.fixture(autouse=True)
def none_is_idle() -> Iterator[None]:
    end_idle()
    yield
    end_idle()


def children() -> list[psutil.Process]:
    """Return the processes that calculate for this one; others have children too."""
    return [
        child
        for child in psutil.Process().children()
        if isolation.MODULE in _command(child)
    ]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def test_it_comes_to_the_same_as_here() -> None:
    outcome = run_apart(NPV, PARAMETERS, lambda *_: True, memory_bytes=ROOM)
    assert isinstance(outcome, NpvOutcome)
    assert outcome.npv == 16314.71


def test_long_answers_come_back_whole() -> None:
    wanted = EvaluateParameters(expression="pi", digits=50_000)
    outcome = run_apart(EVALUATE, wanted, lambda *_: True, memory_bytes=ROOM)
    assert isinstance(outcome, EvaluateOutcome)
    assert len(outcome.value) == 50_001
    assert outcome.value.startswith("3.14159265358979")


def test_what_listens_to_nobody_is_ended_and_gone() -> None:
    before, began = children(), time.monotonic()
    stopping: list[float] = []

    def watch(fraction: float, message: str = "") -> bool:
        # It has begun to calculate once it has told of it.
        if fraction or message or time.monotonic() - began > 1:
            stopping.append(time.monotonic())
            return False
        return True

    with pytest.raises(StoppedError):
        run_apart(EVALUATE, LONG, watch, memory_bytes=ROOM)
    # Not a timed test: a call of several seconds was not waited for.
    assert time.monotonic() - stopping[0] < GRACE_SECONDS + 2
    wait_until(lambda: children() == before)


def test_a_fault_of_the_watch_leaves_no_process() -> None:
    before = children()

    def watch(fraction: float, message: str = "") -> bool:
        raise KeyError(fraction)

    with pytest.raises(KeyError):
        run_apart(EVALUATE, LONG, watch, memory_bytes=ROOM)
    wait_until(lambda: children() == before)


def test_what_cannot_be_is_refused_with_its_reason() -> None:
    wanted = EvaluateParameters(expression="log(x)", variables={"x": -1})
    with pytest.raises(InvalidInputError) as refused:
        run_apart(EVALUATE, wanted, lambda *_: True, memory_bytes=ROOM)
    assert refused.value.suggestion


def test_too_little_memory_is_said() -> None:
    little = 82 * 2**20
    assert run_apart(NPV, PARAMETERS, lambda *_: True, memory_bytes=little)
    with pytest.raises(TooMuchMemoryError):
        run_apart(EVALUATE, LONG, lambda *_: True, memory_bytes=little)


def goes_on(fraction: float, message: str = "") -> bool:
    return True


def test_one_process_carries_out_many_orders() -> None:
    run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)
    (first,) = children()
    files = psutil.Process().num_fds()
    for _ in range(150):
        outcome = run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)
        assert outcome.value == "3.3233509704478425512"
    assert children() == [first]
    assert psutil.Process().num_fds() == files


@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGKILL, TooMuchMemoryError), (signal.SIGSEGV, InternalError)],
)
def test_who_is_killed_at_work_says_so_and_is_replaced(
    number: signal.Signals, error: type[Exception]
) -> None:
    def kills(fraction: float, message: str = "") -> bool:
        for child in children():
            child.send_signal(number)
        return True

    with pytest.raises(error):
        run_apart(EVALUATE, LONG, kills, memory_bytes=ROOM)
    assert children() == []
    assert run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)


def test_who_is_killed_while_idle_is_replaced() -> None:
    run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)
    (idle,) = children()
    idle.kill()
    wait_until(lambda: idle.status() == psutil.STATUS_ZOMBIE)
    assert run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)
    assert idle not in children()


def test_where_the_library_ends_the_process_the_caller_is_told_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as changed:
        changed.setattr(isolation, "MODULE", "tests.unit.worker.giving_up")
        with pytest.raises(InvalidInputError, match="library of numbers"):
            run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)
    assert run_apart(EVALUATE, QUICK, goes_on, memory_bytes=ROOM)


def test_no_process_outlives_a_worker_that_is_killed() -> None:
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from {__name__} import *; {LONG_CALL}",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    try:
        seen = psutil.Process(worker.pid)
        wait_until(lambda: seen.children())
        (child,) = seen.children()
        # It has its order, and computes.
        wait_until(lambda: child.cpu_times().user > 0.5 or not child.is_running())
        assert child.is_running()
    finally:
        worker.kill()
        worker.wait()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
