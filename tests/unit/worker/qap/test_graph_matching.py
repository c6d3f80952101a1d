from itertools import permutations

import numpy as np
import pytest

from worker.qap import (
    Interrupt,
    InvalidInstanceError,
    IterationLimit,
    Matching,
    Termination,
    TimeLimit,
    match_graphs,
)


def random_graph(order: int, density: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((order, order)) < density, 1)
    return (upper | upper.T).astype(int)


def shuffled(graph: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the graph with its vertices renamed, and their new names."""
    names = np.random.default_rng(seed).permutation(len(graph))
    result = np.empty_like(graph)
    result[np.ix_(names, names)] = graph
    return result, names


def matched(a, b, iterations: int = 1000, **arguments) -> Matching:
    arguments = {"stop": IterationLimit(iterations)} | arguments
    return match_graphs(a, b, rng=np.random.default_rng(1), **arguments)


@pytest.mark.parametrize(
    ("order", "density"), [(60, 0.5), (80, 0.3), (100, 0.5), (100, 0.1)]
)
def test_a_planted_isomorphism_is_found(order: int, density: float) -> None:
    graph = random_graph(order, density, seed=order)
    other, names = shuffled(graph, seed=2)
    matching = matched(graph, other)
    assert matching.permutation.tolist() == names.tolist()
    assert matching.common_edges == graph.sum() // 2
    assert (matching.edge_agreement, matching.termination) == (1, "optimal")


def test_a_noisy_copy_is_found_with_a_few_seeds() -> None:
    graph = random_graph(80, 0.3, seed=1)
    other, names = shuffled(graph ^ random_graph(80, 0.08, seed=2), seed=3)
    seeds = list(enumerate(names[:4].tolist()))
    matching = matched(graph, other, 3000, seeds=seeds)
    assert matching.permutation[:4].tolist() == names[:4].tolist()
    assert matching.permutation.tolist() == names.tolist()
    assert 0.5 < matching.edge_agreement < 1


def test_directed_edges_are_told_apart() -> None:
    graph = (np.random.default_rng(5).random((40, 40)) < 0.3).astype(int)
    other, names = shuffled(graph, seed=6)
    matching = matched(graph, other)
    assert matching.permutation.tolist() == names.tolist()
    assert matching.common_edges == graph.sum()


def test_weights_may_be_fractions() -> None:
    weights = np.triu(np.random.default_rng(5).random((30, 30)), 1)
    other, names = shuffled(weights + weights.T, seed=6)
    matching = matched(weights + weights.T, other)
    assert matching.permutation.tolist() == names.tolist()
    assert matching.termination == "optimal"


@pytest.mark.parametrize("seed", range(3))
def test_graphs_of_two_orders_are_matched_as_well_as_can_be(seed: int) -> None:
    small, large = random_graph(4, 0.6, seed), random_graph(6, 0.5, seed + 10)
    best = max(
        int((small * large[np.ix_(p, p)]).sum()) // 2 for p in permutations(range(6), 4)
    )
    one, other = matched(small, large), matched(large, small)
    assert one.common_edges == other.common_edges == best
    assert one.permutation.shape == (4,)
    assert other.permutation.shape == (6,)
    partners = other.permutation[other.permutation >= 0]
    assert sorted(partners.tolist()) == [0, 1, 2, 3]
    edges = min(small.sum(), large.sum()) // 2
    assert one.edge_agreement == pytest.approx(best / edges)


def test_seeds_of_a_larger_first_graph_are_turned() -> None:
    small, large = random_graph(4, 0.6, 1), random_graph(6, 0.5, 11)
    matching = matched(large, small, seeds=[(5, 0), (2, 3)])
    assert matching.permutation[[5, 2]].tolist() == [0, 3]


def test_graphs_without_edges_agree() -> None:
    matching = matched(np.zeros((3, 3)), np.ones((4, 4)))
    assert (matching.common_edges, matching.edge_agreement) == (0, 1)


def test_iterations_are_shared_by_both_searches() -> None:
    one, other = random_graph(30, 0.5, seed=1), random_graph(30, 0.5, seed=2)
    assert matched(one, other, 90, faq_iterations=40).iterations == 90
    alone = matched(one, other, 20, faq_iterations=40)
    assert (alone.iterations, alone.termination) == (20, "iteration_limit")


def test_time_is_shared_by_both_searches() -> None:
    ticks = iter(range(10**9))
    one, other = random_graph(30, 0.5, seed=1), random_graph(30, 0.5, seed=2)
    matching = matched(
        one, other, stop=TimeLimit(4000), clock=lambda: float(next(ticks))
    )
    assert matching.termination == "time_limit"
    assert 4000 <= matching.elapsed_s < 4100


def test_called_off_in_the_first_search_the_second_does_not_begin() -> None:
    one, other = random_graph(30, 0.5, seed=1), random_graph(30, 0.5, seed=2)
    stop = Interrupt(lambda: Termination.CANCELLED)
    matching = matched(one, other, stop=stop)
    assert (matching.termination, matching.iterations) == ("cancelled", 0)


def test_what_is_no_graph_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInstanceError) as caught:
        matched([[0, 1]], [[0, 1], [1, 0]])
    assert caught.value.pointer == ("a",)
