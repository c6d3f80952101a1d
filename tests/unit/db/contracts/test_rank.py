"""Ranks: text that sorts as the numbers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.rank import rank

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(first=NUMBERS, second=NUMBERS)
def test_ranks_sort_as_the_numbers_do(first: float, second: float) -> None:
    assert (rank(first) < rank(second)) == (first < second)
    assert (rank(first) == rank(second)) == (first == second)


@given(number=NUMBERS)
def test_a_rank_is_always_as_many_digits(number: float) -> None:
    assert len(rank(number)) == 40
    assert rank(number).isdecimal()


@pytest.mark.parametrize("number", [2**53, 2**62, -(2**62), 2**63, 10**20])
def test_integers_that_no_double_holds_keep_their_last_digit(number: int) -> None:
    ranks = [rank(number + k) for k in range(-3, 4)]
    assert ranks == sorted(set(ranks))


def test_the_two_zeros_are_equal() -> None:
    assert rank(0.0) == rank(-0.0) == rank(0)
