import numpy as np
import pytest

from worker.qap.laplacian import GridLaplacian, seriation


def minus_laplacian(field: np.ndarray) -> np.ndarray:
    """Sum the differences to the neighbours, one after another."""
    result = np.zeros_like(field)
    n = len(field)
    for i in range(n):
        for k in range(n):
            for j, m in ((i - 1, k), (i + 1, k), (i, k - 1), (i, k + 1)):
                if 0 <= j < n and 0 <= m < n:
                    result[i, k] += field[i, k] - field[j, m]
    return result


@pytest.mark.parametrize("order", [1, 2, 7, 12])
@pytest.mark.parametrize(("shift", "weight"), [(1.0, 0.0), (1.0, 2.0), (0.3, 50.0)])
def test_it_solves_what_the_differences_say(order, shift, weight) -> None:
    field = np.random.default_rng(order).normal(size=(order, order))
    solution = field.copy()
    list(GridLaplacian(order).solve(solution, shift, weight))
    np.testing.assert_allclose(
        shift * solution + weight * minus_laplacian(solution), field, atol=1e-12
    )


def test_large_fields_are_solved_in_portions() -> None:
    field = np.random.default_rng(1).normal(size=(300, 300))
    total = field.sum()
    assert list(GridLaplacian(300).solve(field, 1.0, 3.0)) == [0] * 4
    assert field.sum() == pytest.approx(total)


@pytest.mark.parametrize("seed", range(5))
def test_a_line_is_put_in_order(seed: int) -> None:
    place = np.random.default_rng(seed).permutation(30)
    order = seriation(np.exp(-np.abs(np.subtract.outer(place, place)) / 10))
    assert place[order].tolist() in (list(range(30)), list(range(29, -1, -1)))


def test_where_all_are_alike_the_order_is_a_permutation() -> None:
    assert sorted(seriation(np.zeros((5, 5)))) == list(range(5))
    assert sorted(seriation(-np.ones((5, 5)))) == list(range(5))
