import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.descent import Descent
from worker.qap.neighbourhood import neighbourhood
from worker.qap.swap_kernel import placed_swap_delta


def start(instance: Instance, seed: int) -> tuple[Descent, np.ndarray]:
    rng = np.random.default_rng(seed)
    permutation = rng.permutation(instance.order)
    descent = Descent(neighbourhood(instance))
    descent.start(permutation, rng.permutation(instance.order))
    return descent, permutation


@settings(max_examples=60)
@given(instances(), st.integers(0, 99), st.data())
def test_the_delta_is_that_of_the_definition(instance, seed, data) -> None:
    n = instance.order
    r, s = data.draw(st.permutations(range(n)))[:2]
    p = np.random.default_rng(seed).permutation(n)
    ready = neighbourhood(instance)
    found = ready.scale * placed_swap_delta(
        ready.flow, ready.distance, ready.linear, p, r, s, ready.is_symmetric
    )
    wanted = swap_delta(instance, p, r, s)
    tolerance = 0 if instance.is_exact else 1e-12 * instance.magnitude
    assert found == pytest.approx(wanted, abs=tolerance)


@settings(max_examples=40)
@given(instances(), st.integers(0, 99), st.integers(1, 50))
def test_it_ends_where_no_swap_improves(instance, seed, swaps) -> None:
    descent, permutation = start(instance, seed)
    while not descent.finished:
        assert 1 <= descent.advance(swaps) <= swaps
    n, found = instance.order, descent.permutation
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    for r in range(n):
        for s in range(r):
            assert swap_delta(instance, found, r, s) >= -tolerance
    change = certified(instance, found) - certified(instance, permutation)
    assert descent.gain == pytest.approx(change, abs=tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_its_path_does_not_depend_on_the_slices(kind: str) -> None:
    instance = random_instance(kind, 11, seed=4)
    (fine, _), (coarse, _) = start(instance, 2), start(instance, 2)
    while not fine.finished:
        fine.advance(1)
    while not coarse.finished:
        coarse.advance(coarse.portion)
    np.testing.assert_array_equal(fine.permutation, coarse.permutation)
