"""Arrivals that wait for nobody, and what is counted of them."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from tests.benchmarks.load_step import percentile
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
