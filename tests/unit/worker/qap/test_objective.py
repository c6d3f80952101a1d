import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified, instances
from worker.qap import Instance, InvalidPermutationError, objective


@given(instances(), st.integers(0, 999))
def test_the_objective_agrees_with_the_independent_evaluator(instance, seed) -> None:
    permutation = np.random.default_rng(seed).permutation(instance.order)
    found = objective(instance, permutation)
    assert isinstance(found, int if instance.is_exact else float)
    if instance.is_exact:
        assert found == certified(instance, permutation)
    else:
        assert found == pytest.approx(certified(instance, permutation), rel=1e-12)


def test_large_integers_are_added_exactly() -> None:
    large = 2**61 - 1
    instance = Instance([[0, large], [1, 0]], [[0, 1], [3, 0]])
    assert objective(instance, [0, 1]) == large + 3
    assert objective(instance, [1, 0]) == 3 * large + 1


def test_what_is_no_permutation_is_refused() -> None:
    instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    with pytest.raises(InvalidPermutationError):
        objective(instance, [0, 0])
