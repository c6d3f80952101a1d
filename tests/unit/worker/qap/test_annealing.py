import numpy as np
import pytest

from tests.unit.worker.qap.kinds import KINDS, certified, random_instance
from worker.qap import Instance
from worker.qap.annealing import SimulatedAnnealing, temperatures
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import load


def begin(instance: Instance, **settings: float) -> SimulatedAnnealing:
    rng = np.random.default_rng(3)
    return SimulatedAnnealing(
        instance,
        neighbourhood(instance),
        rng,
        rng.permutation(instance.order),
        **{"sweeps": 50, "growth": 1, "heat": 0.1} | settings,
    )


def test_the_temperature_begins_and_ends_as_sampled() -> None:
    assert temperatures(4, 24, 0.1) == (6, 4)
    assert temperatures(4, 24, 0) == (4, 4)


def test_without_any_delta_there_is_a_temperature_still() -> None:
    assert temperatures(np.inf, 0, 0.1) == (1, 1)


def test_the_temperature_falls_within_its_bounds_until_it_is_frozen() -> None:
    search = begin(load("nug20"), sweeps=200)
    search.advance(10 * 20 + 1)
    highest, lowest = search.bounds
    assert 0 < lowest < highest
    seen = []
    for _ in range(200 * 19):
        seen.append(search.temperature)
        search.advance(10)
    assert all(lowest <= value <= highest for value in seen)
    assert seen[0] == pytest.approx(highest, rel=1e-3)
    steps = np.diff(seen)
    rises = np.flatnonzero(steps > 0)
    assert rises.size <= 1
    first = rises[0] if rises.size else steps.size
    assert (steps[:first] < 0).all()
    # Frozen: it goes back, once, to where the best was found, and stays there.
    assert (steps[first + 1 :] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_it_keeps_is_that_of_where_it_stands(kind: str) -> None:
    instance = random_instance(kind, 12, seed=1)
    search = begin(instance, sweeps=30)
    search.advance(120 + 1000)
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    found = search.value
    assert found == pytest.approx(certified(instance, search.current), abs=tolerance)


def test_each_annealing_is_longer_and_begins_hot() -> None:
    search = begin(load("nug12"), sweeps=2, growth=3)
    search.advance(121)
    highest, _ = search.bounds
    begins = []
    for done in range(1, 66 * (2 + 6 + 18)):
        before = search.temperature
        search.advance(1)
        if search.temperature > before and search.temperature > 0.9 * highest:
            begins.append(done)
    assert {2 * 66, 8 * 66} <= set(begins)
