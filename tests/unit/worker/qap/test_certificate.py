import numpy as np
import pytest

from worker.qap import certify, check

FLOW, DISTANCE = [[0, 3], [1, 0]], [[0, 5], [2, 0]]


def test_integers_beyond_64_bits_are_added_exactly() -> None:
    large = 10**30
    assert certify([[0, large], [1, 0]], DISTANCE, None, [0, 1]) == 5 * large + 2


def test_arrays_and_lists_are_read_alike() -> None:
    arrays = np.array(FLOW), np.array(DISTANCE), np.array(FLOW), np.array([1, 0])
    assert certify(*arrays) == certify(FLOW, DISTANCE, FLOW, [1, 0]) == 15


@pytest.mark.parametrize("permutation", [[0, 0], [1, 2], [0], [0, 1, 2]])
def test_what_is_no_permutation_is_never_certified(permutation) -> None:
    with pytest.raises(ValueError, match=r"missing or repeated|not of order"):
        certify(FLOW, DISTANCE, None, permutation)
    assert not check(FLOW, DISTANCE, None, permutation, 17)


def test_a_matrix_of_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="not of order"):
        certify(FLOW, DISTANCE, [[1, 2]], [0, 1])


def test_integers_must_be_equal_and_floats_near() -> None:
    assert not check(FLOW, DISTANCE, None, [0, 1], 18)
    halves = [[0, 1.5], [0.5, 0]]
    assert check(halves, DISTANCE, FLOW, [0, 1], 8.5 + 1e-12)
    assert check(halves, DISTANCE, None, [0, 1], 8.5)
    assert not check(halves, DISTANCE, None, [0, 1], 8.5001)
