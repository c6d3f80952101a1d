"""Calculations in a process of their own: what they answer, and how they are ended."""

import psutil
import pytest

from db.contracts.calculations.npv import NPV, NpvOutcome, NpvParameters
from tests.waiting import wait_until
from worker.calculations.watch import StoppedError
from worker.isolation import run_apart

PARAMETERS = NpvParameters.model_validate(NPV.example)
ROOM = 2**31


def children() -> list[psutil.Process]:
    return psutil.Process().children()


def test_it_comes_to_the_same_as_here() -> None:
    outcome = run_apart(NPV, PARAMETERS, lambda *_: True, memory_bytes=ROOM)
    assert isinstance(outcome, NpvOutcome)
    assert outcome.npv == 16314.71


def test_what_is_told_to_stop_stops_and_is_gone() -> None:
    before = children()
    with pytest.raises(StoppedError):
        run_apart(NPV, PARAMETERS, lambda *_: False, memory_bytes=ROOM)
    wait_until(lambda: children() == before)
