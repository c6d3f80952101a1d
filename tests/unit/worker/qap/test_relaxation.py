import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances, random_instance
from tests.unit.worker.qap.test_birkhoff import returned
from worker.qap import relaxation as module
from worker.qap.neighbourhood import neighbourhood
from worker.qap.relaxation import Relaxation


@settings(max_examples=60)
@given(instances(), st.integers(0, 99))
def test_at_permutations_it_is_the_objective_up_to_a_constant(instance, seed) -> None:
    relaxation = Relaxation(neighbourhood(instance))
    rng = np.random.default_rng(seed)
    first, second = (rng.permutation(instance.order) for _ in range(2))
    found = relaxation.value(relaxation.matrix(first))
    found -= relaxation.value(relaxation.matrix(second))
    wanted = certified(instance, first) - certified(instance, second)
    assert found == pytest.approx(wanted, abs=1e-9 * instance.magnitude)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_that_of_finite_differences(kind: str) -> None:
    instance = random_instance(kind, 7, seed=2)
    relaxation = Relaxation(neighbourhood(instance))
    rng = np.random.default_rng(1)
    matrix, direction = rng.random((2, 7, 7))
    gradient = returned(relaxation.gradient(matrix))
    # Of a quadratic function the central difference is exact.
    ahead, behind = (relaxation.value(matrix + s * direction) for s in (0.5, -0.5))
    assert (gradient * direction).sum() == pytest.approx(ahead - behind)
    curvature = ahead + behind - 2 * relaxation.value(matrix)
    along = returned(relaxation.gradient(direction, along=True))
    assert (along * direction).sum() / 4 == pytest.approx(curvature)


def test_blocks_of_rows_give_the_same_gradient(monkeypatch) -> None:
    instance = random_instance("asymmetric linear", 9, seed=5)
    matrix = np.random.default_rng(1).random((9, 9))
    whole = returned(Relaxation(neighbourhood(instance)).gradient(matrix))
    monkeypatch.setattr(module, "_PORTION", 2 * 81)
    relaxation = Relaxation(neighbourhood(instance))
    assert list(relaxation.gradient(matrix)) == [0] * 16
    np.testing.assert_allclose(returned(relaxation.gradient(matrix)), whole)


@pytest.mark.parametrize("kind", KINDS)
def test_matrix_and_permutation_belong_together(kind: str) -> None:
    relaxation = Relaxation(neighbourhood(random_instance(kind, 9, seed=3)))
    permutation = np.random.default_rng(6).permutation(9)
    columns = relaxation.matrix(permutation).argmax(axis=1)
    np.testing.assert_array_equal(relaxation.permutation(columns), permutation)
    assert relaxation.temperature > 0
