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
    with pytest.raises(ValueError, match=r"missing or repeated|not of"):
        certify(FLOW, DISTANCE, None, permutation)
    assert not check(FLOW, DISTANCE, None, permutation, 17)


def test_a_matrix_of_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="not of 2 rows"):
        certify(FLOW, DISTANCE, [[1, 2]], [0, 1])


def test_integers_must_be_equal_and_floats_near() -> None:
    assert not check(FLOW, DISTANCE, None, [0, 1], 18)
    halves = [[0, 1.5], [0.5, 0]]
    assert check(halves, DISTANCE, FLOW, [0, 1], 8.5 + 1e-12)
    assert check(halves, DISTANCE, None, [0, 1], 8.5)
    assert not check(halves, DISTANCE, None, [0, 1], 8.5001)


def test_fewer_facilities_than_locations_take_different_ones() -> None:
    distance = [[0, 5, 1], [2, 0, 7], [4, 3, 0]]
    assert certify(FLOW, distance, [[0, 0, 9], [1, 1, 1]], [2, 1]) == 3 * 3 + 7 + 10
    for wrong in ([2, 2], [0, 3], [-1, 0], [0, 1, 2]):
        assert not check(FLOW, distance, None, wrong, 17)
    with pytest.raises(ValueError, match="not of 2 rows of 3"):
        certify(FLOW, distance, FLOW, [0, 1])


def test_fixed_and_forbidden_pairs_are_looked_at() -> None:
    fixed, other = np.array([[0, 1]]), [(1, 1)]
    assert check(FLOW, DISTANCE, None, [1, 0], 11, partial_match=fixed, forbidden=other)
    assert not check(FLOW, DISTANCE, None, [0, 1], 17, partial_match=fixed)
    assert not check(FLOW, DISTANCE, None, [0, 1], 17, forbidden=other)


def test_zeros_count_for_nothing_whatever_their_type() -> None:
    distance = [[0.5, 5], [2, 0.5]]
    found = certify([[0.0, 3], [1, 0.0]], distance, None, [1, 0])
    assert (found, type(found)) == (11, int)


def test_one_float_makes_the_sum_one_that_is_rounded_once() -> None:
    flow = [[0, 2**60, 1], [1, 0, 0.5], [0, 0, 0]]
    distance = [[0, 1, 3], [1, 0, 1], [1, 1, 0]]
    assert certify(flow, distance, None, [0, 1, 2]) == float(2**60 + 4)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_facilities_are_enough(count: int) -> None:
    flow = np.arange(count * count).reshape(count, count)
    distance = np.arange(25).reshape(5, 5)
    expected = (flow * distance[:count, :count]).sum()
    assert certify(flow, distance, None, range(count)) == expected
