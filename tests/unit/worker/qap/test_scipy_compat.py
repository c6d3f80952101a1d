"""What `quadratic_assignment` of scipy promises, asked of ours."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import OptimizeResult, OptimizeWarning

from worker.qap import METHODS
from worker.qap.qaplib import best_known, load
from worker.qap.scipy_compat import quadratic_assignment

OURS = tuple(name for name in METHODS if name not in ("faq", "linear_assignment"))
QUICK: dict[str, Any] = {"maxiter": 20, "seed": 1}
CHR12C = load("chr12c")


def pair(order: int, seed: int = 1, *, whole: bool = True) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    if whole:
        return tuple(rng.integers(-20, 100, (2, order, order)))
    return tuple(rng.normal(size=(2, order, order)))


def trace(a: Any, b: Any, permutation: Any) -> Any:
    matrix = np.eye(len(a), dtype=int)[permutation]
    return np.trace(np.asarray(a).T @ matrix @ np.asarray(b) @ matrix.T)


def options_of(method: str, **options: Any) -> dict[str, Any]:
    return options if method in ("faq", "2opt") else QUICK | options


EVERY_METHOD = pytest.mark.parametrize("method", ["faq", "2opt", *OURS])


@EVERY_METHOD
@pytest.mark.parametrize("whole", [True, False])
def test_the_answer_is_a_permutation_and_its_trace(method: str, whole: bool) -> None:
    a, b = pair(8, whole=whole)
    found = quadratic_assignment(a, b, method, options_of(method))
    assert isinstance(found, OptimizeResult)
    assert sorted(found.col_ind.tolist()) == list(range(8))
    assert found.fun == pytest.approx(trace(a, b, found.col_ind), rel=1e-12)
    assert isinstance(found.fun, np.int64 if whole else np.float64)
    assert isinstance(found.nit, int)


@EVERY_METHOD
@pytest.mark.parametrize("maximize", [False, True])
def test_what_is_fixed_stays_in_any_order(method: str, maximize: bool) -> None:
    a, b = pair(7)
    fixed = [[5, 0], [1, 3], [2, 6]]
    options = options_of(method, partial_match=fixed, maximize=maximize)
    found = quadratic_assignment(a, b, method, options)
    assert [found.col_ind[i] for i, _ in fixed] == [j for _, j in fixed]
    assert found.fun == trace(a, b, found.col_ind)


@pytest.mark.parametrize("method", ["faq", "2opt"])
@pytest.mark.parametrize("maximize", [False, True])
def test_no_swap_is_left_that_improves(method: str, maximize: bool) -> None:
    a, b = pair(9, seed=4)
    options = {"partial_match": [[0, 0]], "maximize": maximize, "seed": 3}
    found = quadratic_assignment(a, b, method, options)
    for i in range(1, 9):
        for j in range(i + 1, 9):
            after = found.col_ind.copy()
            after[[i, j]] = after[[j, i]]
            change = trace(a, b, after) - found.fun
            assert change <= 0 if maximize else change >= 0


@pytest.mark.parametrize(
    ("method", "maximize"), [("exact", False), ("exact", True), ("auto", True)]
)
def test_a_proof_is_told(method: str, maximize: bool) -> None:
    a, b = pair(6, seed=3)
    scores = [trace(a, b, list(p)) for p in permutations(range(6))]
    found = quadratic_assignment(a, b, method, {"maximize": maximize, "time_s": 60})
    assert found.fun == (max(scores) if maximize else min(scores))
    assert (found.termination, found.bound) == ("optimal", found.fun)
    assert found.elapsed_s < 60


def test_a_library_instance_is_solved_to_its_optimum() -> None:
    found = quadratic_assignment(CHR12C.flow, CHR12C.distance, "auto", {"seed": 1})
    assert found.fun == best_known("chr12c").value


def test_options_are_reached_by_position_and_by_name() -> None:
    a, b = pair(6)
    named = quadratic_assignment(A=a, B=b, method="FAQ", options={"maximize": True})
    placed = quadratic_assignment(a, b, "faq", {"maximize": True})
    assert named.fun == placed.fun > quadratic_assignment(a.tolist(), b).fun


@pytest.mark.parametrize("method", ["faq", "2opt", "auto"])
def test_one_seed_gives_one_answer(method: str) -> None:
    a, b = pair(12)
    options: dict[str, Any] = {"seed": 5}
    if method == "faq":
        options["P0"] = "randomized"
    if method == "auto":
        options["maxiter"] = 50
    first, second = (quadratic_assignment(a, b, method, options) for _ in range(2))
    np.testing.assert_array_equal(first.col_ind, second.col_ind)
    assert first.nit == second.nit


@pytest.mark.parametrize("method", ["faq", "2opt", "auto"])
def test_without_a_seed_no_global_state_is_read(method: str) -> None:
    a, b = pair(5)
    before = np.random.get_state()  # noqa: NPY002
    options = {"P0": "randomized"} if method == "faq" else {}
    quadratic_assignment(a, b, method, options)
    after = np.random.get_state()  # noqa: NPY002
    assert str(before) == str(after)


def test_a_guess_is_where_two_opt_begins() -> None:
    a, b = pair(8)
    best = quadratic_assignment(a, b, "2opt", {"seed": 1})
    guess = np.stack([np.arange(8), best.col_ind], axis=1)
    again = quadratic_assignment(a, b, "2opt", {"partial_guess": guess[::-1]})
    np.testing.assert_array_equal(again.col_ind, best.col_ind)
    assert again.nit == 8 * 9 // 2


def test_what_is_fixed_overrides_a_guess() -> None:
    a, b = pair(4)
    options = {"partial_match": [[0, 1]], "partial_guess": [[0, 0], [1, 1], [2, 2]]}
    for method in ("2opt", "two_swap"):
        found = quadratic_assignment(a, b, method, options_of(method, **options))
        assert found.col_ind[0] == 1
        assert sorted(found.col_ind.tolist()) == [0, 1, 2, 3]


def test_a_guess_is_never_worsened() -> None:
    a, b = pair(12)
    good = quadratic_assignment(a, b, "memetic", {"maxiter": 2000, "seed": 1})
    guess = np.stack([np.arange(12), good.col_ind], axis=1)
    for method in ("2opt", "simulated_annealing"):
        options = options_of(method, partial_guess=guess)
        assert quadratic_assignment(a, b, method, options).fun <= good.fun


@EVERY_METHOD
@pytest.mark.parametrize("order", [0, 1, 2])
def test_small_orders_have_their_answer(method: str, order: int) -> None:
    a, b = pair(order)
    found = quadratic_assignment(a, b, method, options_of(method))
    scores = [trace(a, b, list(p)) for p in permutations(range(order))]
    assert found.fun == min(scores)
    assert found.col_ind.shape == (order,)


@EVERY_METHOD
@pytest.mark.parametrize("free", [0, 1])
def test_where_all_is_fixed_nothing_is_left_to_do(method: str, free: int) -> None:
    a, b = pair(4)
    fixed = [[3, 0], [0, 2], [1, 1], [2, 3]][: 4 - free]
    found = quadratic_assignment(a, b, method, options_of(method, partial_match=fixed))
    assert found.col_ind.tolist() == [2, 1, 3, 0]
    assert found.fun == trace(a, b, [2, 1, 3, 0])


def test_single_numbers_are_matrices_of_order_one() -> None:
    assert quadratic_assignment(3, 4).fun == 12


@pytest.mark.parametrize("method", ["faq", "2opt", "memetic"])
@pytest.mark.parametrize("exponent", [20, 50, 70, 1500])
def test_integers_of_any_size_are_exact(method: str, exponent: int) -> None:
    rng = np.random.default_rng(8)
    rows = rng.integers(0, 10**6, (5, 5))
    a = [[int(x) * 2**exponent + int(x) % 7 for x in row] for row in rows]
    b = rng.integers(-9, 10, (5, 5))
    found = quadratic_assignment(a, b, method, options_of(method))
    score = sum(
        a[i][j] * int(b[found.col_ind[i], found.col_ind[j]])
        for i in range(5)
        for j in range(5)
    )
    assert int(found.fun) == score
    if method == "memetic":
        small = quadratic_assignment(rows, b, "exact", {})
        np.testing.assert_array_equal(found.col_ind, small.col_ind)
        assert (found.bound is None) == (exponent > 20)


def test_a_proof_of_rounded_numbers_is_none() -> None:
    a = [[0, 3 * 2**70], [2**70 + 1, 0]]
    found = quadratic_assignment(a, [[0, 5], [2, 0]], "exact")
    assert found.fun == 11 * 2**70 + 5
    assert (found.bound, found.termination) == (None, "stalled")


@pytest.mark.parametrize("seed", [3, np.random.default_rng(3)])
def test_an_integer_is_no_generator_of_today(seed: Any) -> None:
    a, b = pair(20)
    found = quadratic_assignment(a, b, "2opt", {"rng": seed})
    older = quadratic_assignment(a, b, "2opt", {"rng": np.random.RandomState(3)})
    assert (found.nit == older.nit) == isinstance(seed, int)


def test_scipys_sum_of_such_integers_is_not_the_trace() -> None:
    large = np.array([[0, 2**62], [2**62, 0]])
    ones = np.array([[0, 2], [2, 0]])
    assert scipy.optimize.quadratic_assignment(large, ones).fun != 2**64
    assert quadratic_assignment(large, ones).fun == 2**64


def test_a_starting_point_may_be_given() -> None:
    a, b = pair(6, whole=False)
    start = np.full((4, 4), 0.25)
    options = {"P0": start, "partial_match": [[0, 1], [1, 0]]}
    same = quadratic_assignment(a, b, options=options | {"P0": "barycenter"})
    assert quadratic_assignment(a, b, options=options).fun == same.fun


def test_steps_are_no_more_than_allowed_and_fewer_if_coarse() -> None:
    a, b = CHR12C.flow, CHR12C.distance
    fine, coarse = (
        quadratic_assignment(a, b, options={"tol": tol, "maxiter": 20}).nit
        for tol in (1e-9, 10.0)
    )
    assert quadratic_assignment(a, b, options={"maxiter": 2}).nit == 2
    assert (fine, coarse) == (20, 1)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"maxiter": 0}, ValueError),
        ({"maxiter": -1}, ValueError),
        ({"maxiter": 1.5}, TypeError),
        ({"tol": -1}, ValueError),
        ({"tol": 0}, ValueError),
        ({"P0": "anywhere"}, ValueError),
        ({"P0": np.eye(3)}, ValueError),
        ({"P0": np.ones((4, 4))}, ValueError),
        ({"P0": np.eye(4) * 2 - 0.25}, ValueError),
        ({"rng": "dice"}, ValueError),
        ({"partial_match": [[0, 4]]}, ValueError),
        ({"partial_match": [[0, 1], [0, 2]]}, ValueError),
        ({"partial_match": [[-1, 0]]}, ValueError),
        ({"partial_match": np.zeros((5, 2))}, ValueError),
        ({"partial_match": [[1, 2, 3]]}, ValueError),
    ],
)
def test_wrong_options_are_errors_of_the_same_kind(
    options: dict[str, Any], error: type[Exception]
) -> None:
    a, b = pair(4)
    for function in (scipy.optimize.quadratic_assignment, quadratic_assignment):
        with pytest.raises(error):
            function(a, b, method="faq", options=options)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.eye(3), np.eye(2)),
        (np.ones((2, 3)), np.eye(2)),
        (np.eye(2), np.ones((2, 3))),
        (np.zeros((2, 2, 2)), np.zeros((2, 2, 2))),
        ([1, 2, 3], [1, 2, 3]),
        ([[1, 2], [3]], np.eye(2)),
        ([[0, np.nan], [0, 0]], np.eye(2)),
        ([["a"]], [["b"]]),
        ([[0, 1j], [0, 0]], np.eye(2)),
    ],
)
@pytest.mark.parametrize("method", ["faq", "2opt", "auto"])
def test_wrong_matrices_are_errors_of_the_same_kind(
    a: Any, b: Any, method: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as theirs:
        scipy.optimize.quadratic_assignment(a, b)
    kind = TypeError if issubclass(theirs.type, TypeError) else ValueError
    with pytest.raises(kind):
        quadratic_assignment(a, b, method)


@pytest.mark.parametrize(
    "guess", [[[0, 4]], [[-1, 0]], [[0, 1], [0, 2]], [[1, 2, 3]], np.zeros((5, 2))]
)
@pytest.mark.parametrize("method", ["2opt", "auto"])
def test_a_wrong_guess_is_a_wrong_value(guess: Any, method: str) -> None:
    with pytest.raises(ValueError, match="partial_guess"):
        quadratic_assignment(*pair(4), method, {"partial_guess": guess})


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("memetik", {}, "There is no method 'memetik'. Did you mean 'memetic'?"),
        ("", {}, "Known: faq, 2opt, auto"),
        ("2opt", {"rng": "dice"}, "rng is 'dice'"),
        ("faq", {"rng": 1, "seed": 1}, "not both"),
        ("memetic", {"parameters": {"pop": 1}}, "no parameter 'pop'"),
        ("memetic", {"time_s": -1}, "seconds is -1"),
        ("memetic", {"maxiter": 0}, "iterations is 0"),
        ("linear_assignment", {}, "linear_assignment"),
    ],
)
def test_a_wrong_value_is_named(
    method: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        quadratic_assignment(*pair(4), method, options)


@pytest.mark.parametrize(
    ("method", "option", "hint"),
    [
        ("faq", "maxiters", "Did you mean 'maxiter'?"),
        ("faq", "partial_guess", "Did you mean 'partial_match'?"),
        ("faq", "time_s", "Known: maximize"),
        ("2opt", "P0", "Known: maximize"),
        ("auto", "tol", "Known: maximize"),
    ],
)
def test_an_unknown_option_is_warned_of(method: str, option: str, hint: str) -> None:
    options = options_of(method, **{option: 1})
    with pytest.warns(OptimizeWarning, match=hint) as caught:
        quadratic_assignment(*pair(4), method, options)
    assert caught[0].filename == __file__


def test_the_time_allowed_is_kept() -> None:
    a, b = pair(60)
    found = quadratic_assignment(a, b, "memetic", {"time_s": 0, "seed": 1})
    assert (found.termination, found.nit) == ("time_limit", 0)
    assert found.fun <= quadratic_assignment(a, b).fun
