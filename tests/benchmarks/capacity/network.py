"""A job's whole way as discrete events, made with SimPy.

An API process, the database's write lock, a worker that keeps its process while it
waits for that lock: what the planner's formulas leave out.
"""

from collections.abc import Generator as Events
from dataclasses import dataclass

import numpy as np
import simpy
from numpy.random import Generator

from tests.benchmarks.capacity.simulation import Floats


@dataclass(frozen=True)
class Way:
    """What a job takes at each station, in seconds; means of exponential times."""

    api_s: float
    held_at_accepting_s: float
    held_by_worker_s: float
    """Of the lock, by a worker that keeps its process meanwhile."""
    solving: Floats


def stations(
    arrivals: Floats, way: Way, *, api: int, workers: int, rng: Generator
) -> Floats:
    """Return how long each job waits for a worker, with the lock as a station."""
    environment = simpy.Environment()
    front = simpy.Resource(environment, api)
    lock = simpy.Resource(environment, 1)
    pool = simpy.Resource(environment, workers)
    found = np.zeros(len(arrivals))

    def hold(station: simpy.Resource, seconds: float) -> Events[simpy.Event]:
        with station.request() as turn:
            yield turn
            yield environment.timeout(seconds)

    def job(number: int, solving: float) -> Events[simpy.Event]:
        yield from hold(front, rng.exponential(way.api_s))
        yield from hold(lock, rng.exponential(way.held_at_accepting_s))
        accepted = environment.now
        with pool.request() as turn:
            yield turn
            found[number] = environment.now - accepted
            # Claimed before, and ended after: the process is kept meanwhile.
            yield from hold(lock, rng.exponential(way.held_by_worker_s / 2))
            yield environment.timeout(solving)
            yield from hold(lock, rng.exponential(way.held_by_worker_s / 2))

    def arrive() -> Events[simpy.Event]:
        for number, (at, solving) in enumerate(zip(arrivals, way.solving, strict=True)):
            yield environment.timeout(max(0.0, at - environment.now))
            environment.process(job(number, float(solving)))

    environment.process(arrive())
    environment.run()
    return found
