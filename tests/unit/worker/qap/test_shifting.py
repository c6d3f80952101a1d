import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.qap.shifting import shift

ORDERS = st.integers(2, 30)
SEEDS = st.integers(0, 2**32 - 1)


@given(ORDERS, SEEDS, st.data())
def test_a_shift_moves_so_many_and_no_more(n, seed, data) -> None:
    rng = np.random.default_rng(seed)
    before = rng.permutation(n)
    size = data.draw(st.integers(2, n))
    after = shift(before, size, rng)
    assert (after != before).sum() == size
    np.testing.assert_array_equal(np.sort(after), np.arange(n))
