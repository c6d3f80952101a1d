"""Arrivals that wait for nobody, and what is counted of them."""

import time
from collections.abc import Sequence
from typing import Self

import numpy as np
import pytest

from tests.benchmarks.load_step import percentile, run_step
from tests.benchmarks.open_loop import RefusedError, arrivals, drive, gather
from tests.waiting import wait_until


def accepted(numbers: Sequence[int]) -> list[str]:
    return [str(number) for number in numbers]


def test_arrivals_come_as_often_as_asked_for() -> None:
    even = arrivals(50, 2, poisson=False, seed=1)
    random = arrivals(50, 2, poisson=True, seed=1)
    assert len(even) == len(random) == 100
    assert np.diff(even) == pytest.approx(0.02)
    assert (np.diff(random) >= 0).all()
    assert random[-1] < 2


def test_what_is_due_in_one_window_is_sent_when_the_last_of_it_is() -> None:
    due = np.array([0.01, 0.05, 0.11, 0.35])
    groups = [(group.at, list(group.numbers)) for group in gather(due, 0.1)]
    assert groups == [(0.05, [0, 1]), (0.11, [2]), (0.35, [3])]


def test_a_client_that_is_held_up_makes_the_others_late() -> None:
    due = arrivals(100, 0.05, poisson=False, seed=1)

    def stalls(numbers: Sequence[int]) -> list[str]:
        if numbers[0] == 0:
            wait_until(lambda: time.time() > end)
        return accepted(numbers)

    end = time.time() + 0.25
    sent = drive(stalls, due, window=0, clients=1)
    # Counted from when it was due, not from when the client came round to it.
    assert (sent.answered >= end).all()
    assert (sent.answered - sent.due)[1] > (sent.answered - sent.due)[-1] > 0.05


def test_a_refused_job_has_no_key_and_is_counted() -> None:
    def refuses(numbers: Sequence[int]) -> list[str]:
        if numbers[0] % 2:
            raise RefusedError("429 Too Many Requests")
        return accepted(numbers)

    sent = drive(
        refuses, arrivals(1000, 0.01, poisson=False, seed=1), window=0, clients=2
    )
    assert sent.keys == ["0", None, "2", None, "4", None, "6", None, "8", None]
    assert sent.errors == {"429 Too Many Requests": 5}
    assert np.isnan(sent.answered[1])


def test_a_job_that_never_ended_is_the_slowest() -> None:
    times = np.array([*np.linspace(0.01, 0.98, 98), np.nan, np.nan])
    assert percentile(times, 50) == pytest.approx(0.5)
    assert percentile(times, 99) == np.inf


class AtOnce:
    """A target where everything is done as soon as it is sent, by key."""

    name = cause = "at once"

    def __init__(self, *, reuses_keys: bool) -> None:
        self._reuses_keys = reuses_keys
        self._told: dict[str, float] = {}
        self._sent = 0

    def send(self, numbers: Sequence[int]) -> list[str]:
        keys = [str(n if self._reuses_keys else self._sent + n) for n in numbers]
        for key in keys:
            self._told.setdefault(key, time.time())
        return keys

    def step(self, rate: float) -> float:
        step = run_step(self, rate, 0.05, poisson=False, clients=1, patience=0.05)
        self._sent += step.count
        assert step.holds(0.5) is (not step.unfinished)
        return step.percentile(99)

    def ended(self) -> int:
        return len(self._told)

    def told(self) -> dict[str, float]:
        return self._told

    def stages(self) -> dict[str, tuple[float, float, float]]:
        return {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_steps_one_after_the_other_are_each_measured_on_their_own() -> None:
    target = AtOnce(reuses_keys=False)
    assert 0 <= target.step(100) < 0.5
    assert 0 <= target.step(200) < 0.5


def test_an_end_of_an_earlier_step_is_not_taken_for_one_of_this() -> None:
    target = AtOnce(reuses_keys=True)
    target.step(100)
    with pytest.raises(ValueError, match="one key, two jobs"):
        target.step(100)
