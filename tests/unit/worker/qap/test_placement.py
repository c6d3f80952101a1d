import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import instances, random_instance
from worker.qap import swap_delta
from worker.qap.neighbourhood import neighbourhood
from worker.qap.placement import Placement
from worker.qap.swap_kernel import placed_swap_delta, swap


def weigh(placement: Placement, r: int, s: int) -> float:
    ready = placement.ready
    return ready.scale * placed_swap_delta(
        ready.flow,
        placement.flow_t,
        placement.placed,
        placement.placed_t,
        ready.linear,
        placement.permutation,
        r,
        s,
        ready.is_symmetric,
    )


def make(placement: Placement, r: int, s: int) -> None:
    swap(
        placement.placed,
        placement.placed_t,
        placement.permutation,
        r,
        s,
        placement.ready.is_symmetric,
    )


@settings(max_examples=60)
@given(instances(), st.integers(0, 99), st.data())
def test_the_delta_is_that_of_the_definition(instance, seed, data) -> None:
    n = instance.order
    p = np.random.default_rng(seed).permutation(n)
    placement = Placement(neighbourhood(instance))
    placement.move_to(p)
    tolerance = 0 if instance.is_exact else 1e-12 * instance.magnitude
    for _ in range(4):
        r, s = data.draw(st.permutations(range(n)))[:2]
        wanted = swap_delta(instance, p, r, s)
        assert weigh(placement, r, s) == pytest.approx(wanted, abs=tolerance)
        make(placement, r, s)
        p[[r, s]] = p[[s, r]]
        np.testing.assert_array_equal(placement.permutation, p)


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric", "float"])
@pytest.mark.parametrize("order", [31, 64, 101])
def test_long_rows_are_summed_to_their_end(kind: str, order: int) -> None:
    instance = random_instance(kind, order, seed=3)
    p = np.random.default_rng(1).permutation(order)
    placement = Placement(neighbourhood(instance))
    placement.move_to(p)
    tolerance = 0 if instance.is_exact else 1e-12 * instance.magnitude
    for s in range(1, order):
        wanted = swap_delta(instance, p, 0, s)
        assert weigh(placement, 0, s) == pytest.approx(wanted, abs=tolerance)


@settings(max_examples=30)
@given(instances(), st.integers(0, 99), st.data())
def test_distances_follow_the_facilities(instance, seed, data) -> None:
    n, ready = instance.order, neighbourhood(instance)
    placement = Placement(ready)
    placement.move_to(np.random.default_rng(seed).permutation(n))
    for _ in range(4):
        make(placement, *data.draw(st.permutations(range(n)))[:2])
    p = placement.permutation
    wanted = ready.distance[np.ix_(p, p)]
    np.testing.assert_array_equal(placement.placed, wanted)
    np.testing.assert_array_equal(placement.placed_t, wanted.T)


def test_the_permutation_given_is_left_alone() -> None:
    placement = Placement(neighbourhood(random_instance("symmetric", 5, seed=1)))
    start = np.arange(5)
    placement.move_to(start)
    make(placement, 0, 1)
    assert start.tolist() == [0, 1, 2, 3, 4]
