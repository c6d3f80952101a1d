import numpy as np
import pytest

from worker.qap.exceptions import InvalidPermutationError
from worker.qap.permutation import checked_permutation, inverse


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([0, 1], "shape"),
        ([[0, 1, 2]], "shape"),
        ([[0], [1, 2]], "flat"),
        ([0, 1, 1], "taken 2 times"),
        ([1, 2, 3], "not in 0..2"),
        ([-1, 0, 1], "not in 0..2"),
        ([0.0, 1.0, 2.0], "integers"),
        (["0", "1", "2"], "integers"),
        ([2**64, 0, 1], "integers"),
    ],
)
def test_what_is_no_permutation_is_refused_with_its_reason(given, reason) -> None:
    with pytest.raises(InvalidPermutationError, match=reason):
        checked_permutation(given, 3)


def test_the_array_returned_is_a_copy() -> None:
    given = np.array([1, 0])
    checked_permutation(given, 2)[0] = 7
    assert given.tolist() == [1, 0]


def test_the_inverse_undoes_the_permutation() -> None:
    permutation = np.random.default_rng(1).permutation(20)
    np.testing.assert_array_equal(permutation[inverse(permutation)], np.arange(20))
