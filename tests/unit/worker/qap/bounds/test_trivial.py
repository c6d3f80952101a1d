import numpy as np
from hypothesis import given, settings

from tests.unit.worker.qap.kinds import instances, optimum
from worker.qap import Instance
from worker.qap.bounds.gilmore_lawler import GilmoreLawler
from worker.qap.bounds.trivial import Trivial


def value(bound: Trivial | GilmoreLawler) -> int | float:
    while not bound.finished:
        bound.advance(10**6)
    assert bound.value is not None
    return bound.value


@settings(max_examples=60, deadline=None)
@given(instances(max_order=6))
def test_the_bound_is_never_above_the_optimum(instance: Instance) -> None:
    assert value(Trivial(instance)) <= optimum(instance)


def test_flows_are_sorted_against_distances() -> None:
    flow = [[7, 1, 2], [3, 7, 4], [5, 6, 7]]
    distance = [[0, 10, 20], [30, 0, 40], [50, 60, 0]]
    expected = 60 * 1 + 50 * 2 + 40 * 3 + 30 * 4 + 20 * 5 + 10 * 6
    assert value(Trivial(Instance(flow, distance))) == expected


def test_without_flow_between_facilities_the_bound_is_the_optimum() -> None:
    instance = Instance.from_costs(np.random.default_rng(1).integers(-9, 9, (6, 6)))
    assert value(Trivial(instance)) == optimum(instance)


def test_with_two_facilities_and_no_diagonal_the_bound_is_the_optimum() -> None:
    instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    assert value(Trivial(instance)) == optimum(instance)


def test_fractions_lose_next_to_nothing() -> None:
    flow, distance = np.random.default_rng(1).random((2, 20, 20))
    np.fill_diagonal(flow, 0)
    off = ~np.eye(20, dtype=bool)
    exact = np.sort(flow[off]) @ np.sort(distance[off])[::-1]
    found = value(Trivial(Instance(flow, distance)))
    assert exact * (1 - 1e-12) < found < exact
