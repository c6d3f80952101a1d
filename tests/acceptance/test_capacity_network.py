import numpy as np
import pytest

from tests.benchmarks.capacity import simulation
from tests.benchmarks.capacity.network import Way, stations


def test_without_lock_and_front_both_simulations_agree() -> None:
    """SimPy's resources are an oracle for the recursion, and it for them."""
    rng = np.random.default_rng(5)
    arrivals = simulation.poisson(3.4, 3000, rng)
    solving = simulation.gamma(1.0, 1.5, 3000, rng)
    way = Way(0.0, 0.0, 0.0, solving)
    network = stations(arrivals, way, api=1, workers=4, rng=rng)
    queue = simulation.waits(arrivals.tolist(), solving.tolist(), 4)
    assert network == pytest.approx(queue, abs=1e-6)


def test_a_busy_lock_makes_jobs_wait_for_workers() -> None:
    rng = np.random.default_rng(5)
    arrivals = simulation.poisson(3.4, 3000, rng)
    way = Way(0.0, 0.05, 0.2, simulation.gamma(0.8, 1.0, 3000, rng))
    locked = stations(arrivals, way, api=1, workers=4, rng=rng)
    services = way.solving + way.held_by_worker_s
    alone = simulation.waits(arrivals.tolist(), services.tolist(), 4)
    assert np.mean(locked) > np.mean(alone)
