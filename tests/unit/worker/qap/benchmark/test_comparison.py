import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from worker.qap.benchmark.comparison import (
    compare_pairs,
    friedman,
    holm,
    signed_rank,
)

INF = float("inf")


def values(seed: int, instances: int, methods: int, levels: int = 6) -> np.ndarray:
    # Few levels: many ties.
    rng = np.random.default_rng(seed)
    return rng.integers(0, levels, (instances, methods)).astype(float)


def test_a_signed_rank_test_by_hand() -> None:
    # Differences -1, -2, -3, 4, -5, -6: the positive rank is 4 of 21. Of the 64 sign
    # patterns those with a rank sum of 4 or less are {}, 1, 2, 3, 4, 1+2, 1+3.
    test = signed_rank([1, 1, 1, 9, 1, 1], [2, 3, 4, 5, 6, 7])
    assert test.effect == pytest.approx((4 - 17) / 21)
    assert test.p_value == pytest.approx(2 * 7 / 64)


@given(st.integers(0, 2**32 - 1))
def test_a_signed_rank_test_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.random((2, 20))
    assert signed_rank(x, y).p_value == pytest.approx(stats.wilcoxon(x, y).pvalue)


def test_equal_pairs_do_not_count() -> None:
    # Differences 0, 0, -1, -2, 3 of ranks 1, 2, 3.
    test = signed_rank([5, 5, 1, 1, 4], [5, 5, 2, 3, 1])
    assert (test.effect, test.pairs) == (0.0, 3)


def test_an_infinite_gap_is_the_largest_difference() -> None:
    test = signed_rank([INF, 0.0, 0.1, 0.1, INF], [0.0, INF, 0.2, 0.3, INF])
    # Ranks: +3.5, -3.5, -1, -2, and one equal pair.
    assert test.effect == pytest.approx(-3 / 10)
    assert test.pairs == 4


def test_equal_methods_do_not_differ() -> None:
    test = signed_rank([0, 0, 1], [0, 0, 1])
    assert (test.p_value, test.effect, test.pairs) == (1.0, 0.0, 0)


@pytest.mark.parametrize(
    ("x", "y"), [([1], [1, 2]), ([], []), ([np.nan], [1.0]), ([[1]], [[2]])]
)
def test_pairs_must_be_pairs_of_numbers(x, y) -> None:
    with pytest.raises(ValueError, match=r"[Bb]oth|number"):
        signed_rank(x, y)


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.integers(3, 5))
def test_friedmans_test_is_scipys(seed: int, instances: int, methods: int) -> None:
    table = values(seed, instances, methods)
    if (table == table[:, :1]).all():
        table[0, 0] += 1
    theirs = stats.friedmanchisquare(*table.T)
    ours = friedman(table)
    assert ours.statistic == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue)


def test_full_agreement_has_concordance_one() -> None:
    test = friedman([[1, 2, 3], [10, 20, 30], [0, 1, INF]])
    assert test.concordance == pytest.approx(1.0)
    assert test.average_ranks == (1.0, 2.0, 3.0)


def test_full_disagreement_has_concordance_zero() -> None:
    test = friedman([[1, 2, 3], [2, 3, 1], [3, 1, 2]])
    assert (test.statistic, test.concordance) == (0.0, 0.0)
    assert test.p_value == 1.0


def test_all_ties_tell_nothing() -> None:
    test = friedman(np.zeros((4, 3)))
    assert (test.statistic, test.p_value, test.concordance) == (0.0, 1.0, 0.0)
    assert test.average_ranks == (2.0, 2.0, 2.0)


@pytest.mark.parametrize("table", [np.zeros(3), np.zeros((3, 1)), [[1, np.nan]]])
def test_a_comparison_needs_a_table_of_numbers(table) -> None:
    with pytest.raises(ValueError, match=r"table|number"):
        friedman(table)


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1; none below the one before.
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])


def test_holm_of_no_test_is_empty() -> None:
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_raises_p_values_and_keeps_their_order(p: list[float]) -> None:
    adjusted = holm(p)
    for raw, corrected in zip(p, adjusted, strict=True):
        assert raw <= corrected <= 1
    # The smallest is corrected as Bonferroni's method does.
    assert min(adjusted) == min(1.0, min(p) * len(p))
    order = np.argsort(p, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()


def test_pairs_are_corrected_for_their_number() -> None:
    table = values(3, 12, 3, levels=1000)
    pairs = compare_pairs(table)
    raw = [stats.wilcoxon(table[:, p.first], table[:, p.second]).pvalue for p in pairs]
    assert [p.adjusted_p_value for p in pairs] == pytest.approx(holm(raw))
