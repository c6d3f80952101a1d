import numpy as np
import pytest

from worker.qap.ant_kernel import construct


@pytest.mark.parametrize("n", [2, 3, 17])
def test_an_ant_builds_a_permutation(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(50):
        found = construct(rng.random((n, n)) + 0.01, rng.permutation(n), rng.random(n))
        assert sorted(found) == list(range(n))


@pytest.mark.parametrize(
    ("draw", "location"), [(0.0, 0), (0.24, 0), (0.26, 1), (0.99, 1)]
)
def test_a_location_is_drawn_in_proportion(draw: float, location: int) -> None:
    pheromone = np.array([[1.0, 3.0], [1.0, 1.0]])
    found = construct(pheromone, np.array([0, 1]), np.array([draw, 0.0]))
    assert found[0] == location


def test_the_first_in_order_chooses_first() -> None:
    pheromone = np.array([[1.0, 1e-9], [1.0, 1e-9]])
    for order in ([0, 1], [1, 0]):
        found = construct(pheromone, np.array(order), np.array([0.5, 0.5]))
        assert found[order[0]] == 0


def test_rounding_leaves_no_facility_without_a_location() -> None:
    draws = np.full(9, np.nextafter(1.0, 0.0))
    found = construct(np.full((9, 9), 0.1), np.arange(9), draws)
    assert sorted(found) == list(range(9))
