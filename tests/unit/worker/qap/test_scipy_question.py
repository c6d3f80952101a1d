"""What callers hand over: checked, exact, and ready for swaps."""

import numpy as np
import pytest

from worker.qap.scipy_question import Question, checked_pairs


def trace(a: object, b: object, permutation: np.ndarray) -> int:
    """Return the objective in Python's integers."""
    rows, there = np.array(a, dtype=object), np.array(b, dtype=object)
    matrix = np.eye(len(rows), dtype=int)[permutation].astype(object)
    return int(np.trace(rows.T @ matrix @ there @ matrix.T))


@pytest.mark.parametrize(
    "dtype", [np.bool_, np.int8, np.uint8, np.int64, np.uint64, np.float64, object]
)
def test_the_score_is_the_trace(dtype: type) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 127, (2, 5, 5)).astype(dtype)
    p = rng.permutation(5)
    assert Question(a, b).score(p) == trace(a.astype(int), b.astype(int), p)


@pytest.mark.parametrize("exponent", [31, 40, 61, 63, 100, 2000])
def test_the_score_of_large_integers_is_exact(exponent: int) -> None:
    rng = np.random.default_rng(2)
    large = 2**exponent
    a = [[large + int(x) for x in row] for row in rng.integers(0, 99, (4, 4))]
    b = rng.integers(-99, 99, (4, 4)).tolist()
    p = rng.permutation(4)
    assert Question(a, b).score(p) == trace(a, b, p)


@pytest.mark.parametrize("exponent", [31, 55, 61, 63, 100, 2000])
def test_large_integers_are_searched_scaled_down(exponent: int) -> None:
    large = 2**exponent + 1
    question = Question([[0, 3 * large], [large, 0]], [[0, 5], [2, 0]])
    assert question.is_scaled == (exponent > 50)
    assert bool(question.margin) == question.is_scaled
    assert np.isfinite(question.in_range()[0].astype(float)).all()
    assert question.is_better(np.array([0, 1]), np.array([1, 0]))
    assert question.looks_better(np.array([0, 1]), np.array([1, 0]))


def test_wide_floats_are_searched_scaled_down() -> None:
    question = Question([[0, 3e250], [1e250, 0]], [[0, 5e90], [2e90, 0]])
    assert question.is_scaled
    assert max(x.max() for x in question.in_range()) <= 1


def test_numbers_in_range_are_passed_on_as_they_are() -> None:
    a, b = np.array([[0, 3], [1, 0]], dtype=np.int8), np.array([[0, 0.5], [2, 0]])
    question = Question(a, b)
    assert [x.dtype for x in question.in_range()] == [np.int8, np.float64]


@pytest.mark.parametrize(
    ("dtype", "entry", "is_exact"),
    [
        (np.int64, 1, True),
        (np.float64, 1, True),
        (np.float32, 1, True),
        (np.float32, 2**12, False),
        (np.float64, 0.5, False),
        (np.longdouble, 0.5, False),
    ],
)
def test_signs_are_in_doubt_where_sums_are_rounded(
    dtype: type, entry: float, is_exact: bool
) -> None:
    matrix = np.full((3, 3), entry, dtype=dtype)
    assert (Question(matrix, matrix).margin == 0) == is_exact


def test_narrow_floats_are_compared_as_such_and_told_in_double() -> None:
    # 2**24 + 1 is no float32.
    a = np.array([[2**24, 1], [0, 1]], dtype=np.float32)
    b = np.array([[1, 1], [0, 0]], dtype=np.float32)
    question = Question(a, b)
    assert question.score(np.array([0, 1])) == 2**24 + 1
    assert question.score(np.array([0, 1])).dtype == np.float64
    assert not question.looks_better(np.array([1, 0]), np.array([1, 0]))


@pytest.mark.parametrize("order", [0, 1])
def test_there_may_be_nothing_to_choose(order: int) -> None:
    matrix = np.ones((order, order), dtype=int)
    question = Question(matrix, matrix)
    assert question.free == order
    assert question.score(np.arange(order)) == order
    assert question.in_range()[0] is question.a


@pytest.mark.parametrize(
    ("a", "message"),
    [
        ([[1, 2]], "A is 1x2, not square"),
        ([1, 2], "A is 1x2, not square"),
        (np.zeros((2, 2, 2)), "A is 2x2x2, not square"),
        ([[0, np.nan], [0, 0]], "not a finite number"),
        ([[0, np.inf], [0, 0]], "not a finite number"),
        (np.eye(3), "A is of order 3, B of order 2"),
        ([[2**2000, 0], [0, 0.5]], "no float can hold"),
    ],
)
def test_a_wrong_matrix_is_a_wrong_value(a: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Question(a, np.eye(2))


@pytest.mark.parametrize(
    "a", [[["a", "b"], ["c", "d"]], [[1j, 0], [0, 1]], [[object(), 1], [2, 3]]]
)
def test_what_is_no_number_is_a_wrong_type(a: object) -> None:
    with pytest.raises(TypeError, match="real numbers"):
        Question(a, np.eye(2))


def test_floats_in_objects_are_floats() -> None:
    a = np.array([[0, 0.5], [1, 0]], dtype=object)
    assert Question(a, np.eye(2)).a.dtype == np.float64


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([[0, 1, 2]], "shape"),
        (np.zeros((1, 2, 2)), "shape"),
        ([0, 1, 2], "shape"),
        ([[0, 0], [1, 1], [2, 2], [3, 3]], "4 pairs for 3 nodes"),
        ([[0, -1]], "names node -1"),
        ([[3, 0]], "names node 3"),
        ([[0, 1], [0, 2]], "node 0 of A more than once"),
        ([[0, 1], [2, 1]], "node 1 of B more than once"),
        ([["a", "b"]], "invalid literal"),
    ],
)
def test_wrong_pairs_are_named(pairs: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked_pairs(pairs, "partial_match", 3)


def test_one_pair_needs_no_brackets_and_fractions_are_cut_off() -> None:
    assert checked_pairs([0, 1], "partial_match", 3).tolist() == [[0, 1]]
    assert checked_pairs([[1.0, 2.7]], "partial_match", 3).tolist() == [[1, 2]]
