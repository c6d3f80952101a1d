import numpy as np
import pytest

from worker.qap.products import multiply_rows


@pytest.mark.parametrize("number", [np.int64, np.float64, np.float32])
def test_portions_of_rows_make_up_the_product(number) -> None:
    rng = np.random.default_rng(1)
    left, right = (rng.integers(-9, 9, (7, 7)).astype(number) for _ in range(2))
    result = np.zeros((7, 7), dtype=number)
    for start, stop in [(0, 3), (3, 3), (3, 7)]:
        multiply_rows(left, right, result, start, stop)
    np.testing.assert_array_equal(result, left @ right)
