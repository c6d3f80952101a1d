"""One G/G/c queue as discrete events: a million jobs in a second or two."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BATCHES = 20


@dataclass(frozen=True)
class Interval:
    """A mean of batches, and how far it may be off (95 %)."""

    value: float
    half: float

    def holds(self, other: float) -> bool:
        return abs(other - self.value) <= self.half


def waits(arrivals: Sequence[float], services: Sequence[float], servers: int) -> Floats:
    """Return how long each customer waits: Kiefer and Wolfowitz's recursion.

    Who comes takes the server that is free first; O(n log c).
    """
    free = [0.0] * servers
    found = np.empty(len(arrivals))
    for number, (at, service) in enumerate(zip(arrivals, services, strict=True)):
        begins = max(at, free[0])
        heapq.heapreplace(free, begins + service)
        found[number] = begins - at
    return found


def gamma(mean: float, cv: float, count: int, rng: Generator) -> Floats:
    """Draw times with a mean and a coefficient of variation; 0 makes them all alike."""
    if cv == 0:
        return np.full(count, mean)
    return rng.gamma(1 / cv**2, mean * cv**2, count)


def poisson(rate: float, count: int, rng: Generator) -> Floats:
    """Draw the moments of a Poisson process."""
    return np.cumsum(rng.exponential(1 / rate, count))


def by_batches(found: Floats, share: float | None = None) -> Interval:
    """Return the mean, or a quantile, with an interval by the means of batches.

    The first tenth is left out: it began with nobody there.
    """
    batches = np.array_split(found[len(found) // 10 :], BATCHES)
    of_each = [
        float(np.mean(each) if share is None else np.quantile(each, share))
        for each in batches
    ]
    # Student's t with 19 degrees of freedom.
    half = 2.093 * float(np.std(of_each, ddof=1)) / BATCHES**0.5
    return Interval(float(np.mean(of_each)), half)
