import numpy as np
import pytest
from scipy import stats

from worker.finance.exceptions import CorrelationError
from worker.finance.monte_carlo.copula import gaussian_copula
from worker.finance.monte_carlo.distributions import Lognormal, Uniform


def test_draws_are_correlated_as_told() -> None:
    matrix = np.array([[1, 0.7, -0.2], [0.7, 1, 0.1], [-0.2, 0.1, 1]])
    copula = gaussian_copula(("a", "b", "c"), matrix)
    normals = copula.normals(np.random.default_rng(1), 100_000)
    assert np.corrcoef(normals) == pytest.approx(matrix, abs=0.01)
    drawn = Lognormal(3, 2).of_normal(normals[0]), Uniform(0, 1).of_normal(normals[1])
    rank = stats.spearmanr(*drawn).statistic
    assert rank == pytest.approx(6 / np.pi * np.arcsin(0.35), abs=0.01)


def test_a_singular_matrix_is_one_too() -> None:
    copula = gaussian_copula(("a", "b"), np.ones((2, 2)))
    first, second = copula.normals(np.random.default_rng(1), 1000)
    assert first == pytest.approx(second)


def test_an_impossible_matrix_is_refused_with_a_possible_one() -> None:
    matrix = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    with pytest.raises(CorrelationError, match="eigenvalue") as refused:
        gaussian_copula(("a", "b", "c"), matrix)
    factor = float(refused.value.suggestion.split()[-1].rstrip("."))
    shrunk = matrix * (factor - 0.001) + np.eye(3) * (1 - factor + 0.001)
    gaussian_copula(("a", "b", "c"), shrunk)


@pytest.mark.parametrize(
    "matrix", [np.eye(3), np.array([[1, 0.2], [0.1, 1]]), np.array([[2, 0], [0, 1]])]
)
def test_what_is_no_correlation_matrix_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(CorrelationError):
        gaussian_copula(("a", "b"), matrix)
