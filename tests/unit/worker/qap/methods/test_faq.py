from collections.abc import Generator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment, quadratic_assignment

from tests.unit.worker.qap.kinds import certified, instances, random_instance
from worker.qap import Instance, IterationLimit, solve
from worker.qap.methods.faq import FAQ, _distance_to, _minimiser, _multiply
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import best_known, load


def end_of(work: Generator) -> np.ndarray:
    while True:
        try:
            assert next(work) == 0
        except StopIteration as stop:
            return stop.value


def search_of(instance: Instance, **parameters) -> FAQ:
    given = {"steps": 30, "randomness": 0.5, "swaps": True} | parameters
    first = np.arange(instance.order)
    return FAQ(instance, np.random.default_rng(1), first, **given)


def matrix_of(permutation: np.ndarray) -> np.ndarray:
    return np.eye(permutation.size)[permutation]


def run(instance: Instance, iterations: int, seed: int = 1, **arguments):
    stop, rng = IterationLimit(iterations), np.random.default_rng(seed)
    return solve(instance, "faq", stop=stop, rng=rng, **arguments)


@settings(max_examples=60)
@given(instances(), st.integers(0, 99))
def test_half_the_gradient_at_a_permutation_is_its_objective(instance, seed) -> None:
    rng = np.random.default_rng(seed)
    search, ready = search_of(instance), neighbourhood(instance)
    values, wanted = [], []
    for _ in range(2):
        permutation = rng.permutation(instance.order)
        product = end_of(search._vertex_product(permutation))
        again = end_of(search._product(matrix_of(permutation)))
        np.testing.assert_allclose(product, again, atol=1e-9 * ready.largest_delta)
        value = np.vdot(product, matrix_of(permutation)) / 2
        if search._linear is not None:
            value += np.vdot(search._linear, matrix_of(permutation))
        values.append(ready.scale * value)
        wanted.append(certified(instance, permutation))
    # Up to a constant: what every permutation pays is left out.
    assert values[0] - values[1] == pytest.approx(
        wanted[0] - wanted[1], abs=1e-9 * (1 + instance.magnitude)
    )


def test_the_product_at_the_barycentre_is_that_of_the_definition() -> None:
    instance = random_instance("asymmetric", 9, seed=2)
    search, flow, distance = (
        search_of(instance),
        instance.flow.astype(float),
        instance.distance.astype(float),
    )
    matrix = search._barycentre()
    wanted = flow @ matrix @ distance.T + flow.T @ matrix @ distance
    np.testing.assert_allclose(end_of(search._product(matrix)), wanted)


def test_a_random_start_is_doubly_stochastic() -> None:
    search = search_of(random_instance("symmetric", 20, seed=1), randomness=1)
    matrix = end_of(search._random_start())
    assert (matrix >= 0).all()
    np.testing.assert_allclose(matrix.sum(axis=0), 1, atol=2e-3)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=2e-3)


def test_a_product_in_portions_is_the_product(monkeypatch) -> None:
    monkeypatch.setattr("worker.qap.methods.faq._PRODUCTS", 3 * 11 * 11)
    left, right = np.random.default_rng(1).random((2, 11, 11))
    np.testing.assert_allclose(end_of(_multiply(left, right.T)), left @ right.T)


@pytest.mark.parametrize(
    ("slope", "bend", "wanted"), [(-2, 2, 0.5), (-8, 2, 1), (-1, 0, 1), (-1, -3, 1)]
)
def test_the_step_is_where_the_parabola_is_lowest(slope, bend, wanted) -> None:
    assert _minimiser(slope, bend) == wanted
    grid = np.linspace(0, 1, 101)
    assert wanted == pytest.approx(grid[(slope * grid + bend * grid**2).argmin()])


def test_the_distance_is_that_of_the_matrices() -> None:
    rng = np.random.default_rng(1)
    permutation, matrix = rng.permutation(7), rng.random((7, 7))
    wanted = np.linalg.norm(matrix_of(permutation) - matrix)
    assert _distance_to(permutation, matrix) == pytest.approx(wanted)


def test_costs_without_flow_are_solved_in_one_iteration() -> None:
    costs = np.random.default_rng(1).integers(0, 99, (30, 30))
    rows, columns = linear_sum_assignment(costs)
    result = run(Instance.from_costs(costs), 1, parameters={"swaps": 0})
    assert result.objective == costs[rows, columns].sum()


@pytest.mark.parametrize("order", [40, 80])
def test_a_planted_isomorphism_is_found_from_the_barycentre(order: int) -> None:
    rng = np.random.default_rng(order)
    graph = np.triu(rng.random((order, order)) < 0.5, 1).astype(int)
    graph += graph.T
    planted = rng.permutation(order)
    hidden = np.empty_like(graph)
    hidden[np.ix_(planted, planted)] = graph
    result = run(Instance(-graph, hidden), 30, parameters={"swaps": 0})
    assert result.objective == -graph.sum()


@pytest.mark.parametrize("name", ["nug30", "kra30a", "sko49", "tai25a"])
def test_one_descent_is_about_as_good_as_scipy_s(name: str) -> None:
    instance = load(name)
    options = {"rng": np.random.default_rng(1)}
    theirs = quadratic_assignment(
        instance.flow, instance.distance, method="faq", options=options
    ).fun
    ours = run(instance, 30, parameters={"swaps": 0}).objective
    assert ours <= 1.02 * theirs


@pytest.mark.parametrize("name", ["nug12", "had12", "rou12"])
def test_restarts_and_swaps_reach_small_published_optima(name: str) -> None:
    assert run(load(name), 3000).objective == best_known(name).value


def test_the_parameters_steer_the_search() -> None:
    instance = load("tai25a")
    answers = {
        tuple(run(instance, 600, parameters=given).improvements.objectives.tolist())
        for given in ({}, {"steps": 2}, {"swaps": 0}, {"randomness": 1})
    }
    assert len(answers) == 4
