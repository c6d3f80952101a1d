"""Arrivals that wait for nobody: they come when they are due, whatever is unanswered.

Every time counts from when a job was due, not from when a busy client came round to
sending it; otherwise a service that stands still for a second would look as if it had
been late for one job only (coordinated omission; Tene 2013).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
"""Seconds since 1970, one a job; not a number where it never came."""


@dataclass(frozen=True)
class Group:
    """Jobs that one request sends, when the last of them is due."""

    at: float
    numbers: range


@dataclass(frozen=True)
class Sent:
    """What was sent, job by job."""

    due: Times
    began: Times
    """When a client came round to it."""
    answered: Times
    keys: list[str | None]
    """By which the job is found again; None if it was refused."""
    errors: dict[str, int]
    """How often a request was refused, by what was answered."""


class RefusedError(RuntimeError):
    """The request was answered with something else than an acceptance."""


def arrivals(rate: float, seconds: float, *, poisson: bool, seed: int) -> Times:
    """Return when jobs are due, from 0 on, at so many a second."""
    count = round(rate * seconds)
    if not poisson:
        return np.arange(count) / rate
    rng = np.random.default_rng(seed)
    # Given their number, the moments of a Poisson process are uniform.
    return np.sort(rng.uniform(0.0, seconds, count))


def gather(due: Times, window: float) -> list[Group]:
    """Return what is sent together: those due in the same window, at its last one."""
    if not window:
        return [Group(float(at), range(i, i + 1)) for i, at in enumerate(due)]
    ends = np.flatnonzero(np.diff(np.floor(due / window))) + 1
    bounds = [0, *(int(end) for end in ends), len(due)]
    return [
        Group(float(due[end - 1]), range(begin, end))
        for begin, end in pairwise(bounds)
        if end > begin
    ]


def drive(
    send: Callable[[Sequence[int]], Sequence[str]],
    due: Times,
    *,
    window: float,
    clients: int,
) -> Sent:
    """Send them all when they are due, by so many clients; return when all is sent."""
    groups = iter(gather(due, window))
    count = len(due)
    start = time.time() + 0.1
    began, answered = np.full(count, np.nan), np.full(count, np.nan)
    keys: list[str | None] = [None] * count
    errors: dict[str, int] = {}
    lock = threading.Lock()
    pause = threading.Event()

    def work() -> None:
        while True:
            with lock:
                group = next(groups, None)
            if group is None:
                return
            pause.wait(max(0.0, start + group.at - time.time()))
            chosen = slice(group.numbers.start, group.numbers.stop)
            began[chosen] = time.time()
            try:
                keys[chosen] = send(group.numbers)
            except (RefusedError, OSError) as error:
                with lock:
                    errors[str(error)] = errors.get(str(error), 0) + 1
                continue
            answered[chosen] = time.time()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Sent(start + due, began, answered, keys, errors)
