import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.qap import IterationLimit, TargetObjective, solve
from worker.qap.methods.variable_neighborhood import VariableNeighborhood
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import best_known, load
from worker.qap.shifting import shifted


@settings(max_examples=50)
@given(st.integers(2, 30), st.integers(0, 99), st.data())
def test_a_shake_changes_exactly_k_places(n, seed, data) -> None:
    k = data.draw(st.integers(2, n))
    rng = np.random.default_rng(seed)
    before, facilities = rng.permutation(n), rng.permutation(n)[:k]
    after = shifted(before, facilities)
    assert sorted(after.tolist()) == list(range(n))
    assert set(np.flatnonzero(before != after)) == set(facilities.tolist())


def test_a_shake_is_one_cycle() -> None:
    after = shifted(np.arange(8), np.array([5, 1, 7, 2]))
    at, seen = 5, []
    while at not in seen:
        seen.append(at)
        at = int(after[at])
    assert seen == [5, 1, 7, 2]


@pytest.mark.parametrize("name", ["nug12", "had12", "esc16a", "rou12"])
def test_small_published_optima_are_reached(name: str) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(2_000_000)]
    result = solve(
        load(name),
        "variable_neighborhood",
        stop=rules,
        rng=np.random.default_rng(1),
    )
    assert result.objective == target


def begin(skew: float) -> VariableNeighborhood:
    instance = load("nug20")
    search = VariableNeighborhood(
        instance,
        neighbourhood(instance),
        np.random.default_rng(1),
        np.arange(20),
        k_min=2,
        k_max=5,
        skew=skew,
    )
    search.advance(5000)
    return search


def test_only_a_skew_accepts_worse_ones_and_only_far_ones() -> None:
    value, current = 2600, np.arange(20)
    for skew, moved, found, wanted in (
        (0, 20, 2599, True),
        (0, 20, 2600, False),
        (0.01, 20, 2625, True),
        (0.01, 20, 2627, False),
        (0.01, 2, 2603, False),
    ):
        search = begin(skew)
        there = current.copy()
        there[:moved] = np.roll(there[:moved], 1)
        search.descent.start(there)
        assert search._is_accepted(found, value, current) is wanted
