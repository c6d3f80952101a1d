import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import (
    KINDS,
    certified,
    instances,
    optimum,
    random_instance,
)
from worker.qap import Instance, swap_delta
from worker.qap.branching import Tree
from worker.qap.qaplib import load


def close(tree: Tree, portion: int = 10**6) -> Tree:
    """Grow to the end, watching what may never fall and what may never be wrong."""
    bound, share = tree.bound, tree.closed_share
    while not tree.finished:
        tree.grow(tree.work + portion)
        assert bound <= tree.bound <= tree.objective
        assert share <= tree.closed_share <= 1
        if tree.bound == tree.objective:
            assert tree.closed_share == 1
        bound, share = tree.bound, tree.closed_share
    return tree


def worst(instance: Instance) -> np.ndarray:
    """Return a permutation that no swap makes worse: the proof has work to do."""
    n = instance.order
    p = np.arange(n)
    while True:
        deltas = {
            (r, s): swap_delta(instance, p, r, s) for r in range(n) for s in range(r)
        }
        (r, s), most = max(deltas.items(), key=lambda entry: entry[1])
        if most <= 1e-6:
            return p
        p[[r, s]] = p[[s, r]]


@settings(max_examples=150)
@given(instances(max_order=6))
def test_the_tree_ends_with_what_trying_every_permutation_finds(instance) -> None:
    tree = close(Tree(instance, worst(instance)))
    best = optimum(instance)
    if instance.is_exact:
        assert tree.objective == tree.bound == best
    else:
        assert tree.objective == pytest.approx(best, rel=1e-9)
        assert best - 1e-9 * abs(best) <= tree.bound <= best
    assert certified(instance, tree.permutation) == pytest.approx(tree.objective)
    assert tree.closed_share == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_orders_of_seven_are_proven(kind: str, seed: int) -> None:
    instance = random_instance(kind, 7, seed)
    tree = close(Tree(instance, worst(instance)), 5000)
    assert tree.objective == pytest.approx(optimum(instance), rel=1e-9, abs=0)


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1), st.integers(4, 6), st.sampled_from([0, 1, 2]))
def test_instances_full_of_symmetry_lose_no_optimum(seed, order, linear) -> None:
    rng = np.random.default_rng(seed)
    flow, distance = rng.integers(-1, 2, (2, order, order))
    if rng.random() < 0.5:
        distance = np.minimum(
            np.abs(np.subtract.outer(np.arange(order), np.arange(order))),
            order - np.abs(np.subtract.outer(np.arange(order), np.arange(order))),
        )
    if rng.random() < 0.5:
        flow[order // 2 :] = flow[:, order // 2 :] = 0
    costs = rng.integers(0, 2, (order, order)) if linear == 2 else None
    instance = Instance(flow, distance, costs)
    tree = close(Tree(instance, worst(instance)))
    assert tree.objective == tree.bound == optimum(instance)


@settings(max_examples=30)
@given(instances(min_order=5, max_order=7), st.integers(1, 2000))
def test_the_tree_is_the_same_however_it_is_sliced(instance, portion) -> None:
    whole, sliced = (Tree(instance, worst(instance)) for _ in range(2))
    close(whole)
    close(sliced, portion)
    assert (whole.nodes, whole.work) == (sliced.nodes, sliced.work)
    np.testing.assert_array_equal(whole.permutation, sliced.permutation)
    assert whole.improved_at == sliced.improved_at


@pytest.mark.parametrize(
    ("name", "value"),
    [("nug12", 578), ("had12", 1652), ("chr12a", 9552), ("esc16g", 26), ("esc16f", 0)],
)
def test_published_optima_are_proven(name: str, value: int) -> None:
    instance = load(name)
    tree = close(Tree(instance, np.arange(instance.order)))
    assert tree.objective == tree.bound == value
