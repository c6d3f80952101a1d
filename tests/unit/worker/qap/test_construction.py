import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances, random_instance
from worker.qap import Instance
from worker.qap import construction as module
from worker.qap.construction import Construction, first_pairs
from worker.qap.neighbourhood import neighbourhood


def begin(instance: Instance, seed: int, greed: float) -> Construction:
    rng = np.random.default_rng(seed)
    construction = Construction(neighbourhood(instance), rng, greed=greed)
    construction.start()
    return construction


def cost_of_placed(instance: Instance, p: np.ndarray) -> float:
    """Return by its definition what the facilities placed cost each other."""
    ready = neighbourhood(instance)
    placed = np.flatnonzero(p >= 0)
    there = p[placed]
    flow = ready.flow[np.ix_(placed, placed)].astype(float)
    pairs = flow * ready.distance[np.ix_(there, there)]
    cost = (np.triu(pairs) if ready.is_symmetric else pairs).sum()
    return cost + (ready.linear[placed, there].sum() if ready.linear.size else 0)


@settings(max_examples=60)
@given(instances(), st.integers(0, 99), st.floats(0, 1))
def test_it_makes_a_permutation_of_the_cost_it_says(instance, seed, greed) -> None:
    construction = begin(instance, seed, greed)
    while not construction.finished:
        construction.advance()
    n, p = instance.order, construction.permutation
    assert sorted(p.tolist()) == list(range(n))
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    assert construction.cost == pytest.approx(
        cost_of_placed(instance, p), abs=tolerance
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_partial_cost_is_right(kind: str, monkeypatch) -> None:
    monkeypatch.setattr(module, "_PORTION", 1)
    instance = random_instance(kind, 9, seed=2)
    construction = begin(instance, 1, 0.7)
    steps = 0
    while not construction.finished:
        tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
        wanted = cost_of_placed(instance, construction.permutation)
        assert construction.cost == pytest.approx(wanted, abs=tolerance)
        construction.advance()
        steps += 1
    assert steps == 7


@pytest.mark.parametrize("kind", KINDS)
def test_full_greed_adds_the_cheapest_pair(kind: str, monkeypatch) -> None:
    monkeypatch.setattr(module, "_PORTION", 1)
    instance = random_instance(kind, 7, seed=3)
    construction = begin(instance, 1, 1)
    while not construction.finished:
        before = construction.permutation.copy()
        cost = cost_of_placed(instance, before)
        prices = []
        for facility in np.flatnonzero(before < 0):
            for location in set(range(7)) - set(before.tolist()):
                after = before.copy()
                after[facility] = location
                prices.append(cost_of_placed(instance, after) - cost)
        construction.advance()
        added = construction.cost - cost
        tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
        assert added == pytest.approx(min(prices), abs=tolerance)


def test_greed_pays() -> None:
    instance = random_instance("sparse", 30, seed=4)
    means = []
    for greed in (0.0, 0.9):
        values = []
        for seed in range(20):
            construction = begin(instance, seed, greed)
            while not construction.finished:
                construction.advance()
            values.append(certified(instance, construction.permutation))
        means.append(np.mean(values))
    assert means[1] < means[0]


@pytest.mark.parametrize("greed", [0, 0.5, 1])
def test_the_first_pairs_are_never_on_a_diagonal(greed: float) -> None:
    rng = np.random.default_rng(5)
    flow, distance = rng.integers(-9, 9, (2, 12, 12))
    for positions in first_pairs(flow, distance, greed):
        assert positions.size
        assert (positions // 12 != positions % 12).all()
