import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.breakout import Breakout
from worker.qap.breakout_kernel import (
    DIRECTED,
    FRUITLESS,
    JUMP,
    KIND,
    LEFT,
    OLD,
    RANDOM,
)
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import load
from worker.qap.walk_kernel import CURRENT

SETTINGS = {"jump": 2, "patience": 20, "directed": 0.5, "old": 0.5}


def begin(instance: Instance, seed: int = 0, **parameters: float) -> Breakout:
    rng = np.random.default_rng(seed)
    start = rng.permutation(instance.order)
    values = SETTINGS | parameters
    search = Breakout(instance, neighbourhood(instance), rng, start, **values)
    while search.preparing:
        search.advance(1)
    return search


def descend(search: Breakout) -> None:
    """Go on until the walk has found a local optimum."""
    while search._stand[LEFT] > 0:
        search.advance(1)
    while search._stand[LEFT] == 0:
        search.advance(1)


@settings(max_examples=40)
@given(instances(min_order=4, max_order=12), st.integers(0, 99))
def test_it_breaks_out_of_local_optima_only(instance, seed) -> None:
    search = begin(instance, seed)
    for _ in range(3):
        descend(search)
        p = search.state.p
        tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
        for r in range(instance.order):
            for s in range(r):
                assert swap_delta(instance, p, r, s) >= -tolerance


@pytest.mark.parametrize("kind", KINDS)
def test_the_current_objective_is_that_of_the_permutation(kind: str) -> None:
    instance = random_instance(kind, 13, seed=5)
    search = begin(instance)
    for _ in range(20):
        search.advance(50)
        found = search.state.values[CURRENT]
        wanted = certified(instance, search.state.p)
        tolerance = 0 if instance.is_exact else 1e-11 * instance.magnitude
        assert found == pytest.approx(wanted, abs=tolerance)


def test_every_way_out_is_taken() -> None:
    search, kinds, jumps = begin(load("nug20")), set(), set()
    for _ in range(300):
        descend(search)
        kinds.add(int(search._stand[KIND]))
        jumps.add(int(search._stand[JUMP]))
    assert kinds == {DIRECTED, OLD, RANDOM}
    assert min(jumps) == 2
    assert max(jumps) > 2


def test_after_so_many_fruitless_local_optima_it_starts_afresh() -> None:
    instance = load("nug12")
    search = begin(instance, patience=20)
    before = 0
    for _ in range(3000):
        descend(search)
        fruitless = int(search._stand[FRUITLESS])
        assert fruitless <= 20
        if fruitless == 0 and before == 20:
            assert search._stand[LEFT] == instance.order
            assert search._stand[KIND] == RANDOM
            return
        before = fruitless
    pytest.fail("it never started afresh")


@pytest.mark.parametrize(("name", "best"), [("nug20", 2570), ("chr15a", 9896)])
def test_published_optima_are_reached(name: str, best: int) -> None:
    search = begin(load(name), seed=1, patience=2500, directed=0.75, old=0.3)
    search.advance(300_000)
    assert search.objective == best
