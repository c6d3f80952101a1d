from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.qap.rearrangement import largest_product


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_no_permutation_exceeds_it(order: int, seed: int) -> None:
    left, right = np.random.default_rng(seed).integers(-9, 10, (2, order, order))
    most = max(
        int((left * right[np.ix_(p, p)]).sum()) for p in permutations(range(order))
    )
    assert largest_product(left, right) >= most


def test_it_is_reached_where_the_orders_agree() -> None:
    graph = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert largest_product(graph, graph[::-1, ::-1]) == 4
