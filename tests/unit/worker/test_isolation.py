"""Calculations in a process of their own: what they answer, and how they are ended."""

import time

import psutil
import pytest

from db.contracts.calculations.evaluate import (
    EVALUATE,
    EvaluateOutcome,
    EvaluateParameters,
)
from db.contracts.calculations.npv import NPV, NpvOutcome, NpvParameters
from db.contracts.errors import InvalidInputError, TooMuchMemoryError
from tests.waiting import wait_until
from worker.calculations.watch import StoppedError
from worker.isolation import GRACE_SECONDS, run_apart

PARAMETERS = NpvParameters.model_validate(NPV.example)
LONG = EvaluateParameters(expression="zeta(2.5)", digits=10_000, check=False)
"""Some seconds in one call of the library."""
ROOM = 2**31


def children() -> list[psutil.Process]:
    return psutil.Process().children()


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
