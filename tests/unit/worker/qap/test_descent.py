import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.descent import Descent
from worker.qap.neighbourhood import neighbourhood


def start(instance: Instance, seed: int) -> tuple[Descent, np.ndarray]:
    rng = np.random.default_rng(seed)
    permutation = rng.permutation(instance.order)
    descent = Descent(neighbourhood(instance))
    descent.start(permutation, rng.permutation(instance.order))
    return descent, permutation


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
