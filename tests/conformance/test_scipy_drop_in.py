"""Ours beside scipy's in the same run: never worse, as `scipy_compat` promises."""

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from worker.qap import METHODS
from worker.qap.qaplib import load
from worker.qap.scipy_compat import quadratic_assignment

SMALL = ("nug12", "chr12a", "scr12", "esc16a", "rou15", "lipa20b", "tai20b")
LARGER = ("bur26a", "kra30a", "tai30b", "ste36a", "lipa40a", "sko49", "tai60a")
KINDS = ("integers", "floats", "narrow", "graphs", "symmetric", "diagonal", "flags")


def matrices(kind: str, order: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    whole = rng.integers(-50, 100, (2, order, order))
    match kind:
        case "integers":
            pair = whole
        case "floats":
            pair = rng.normal(size=whole.shape)
        case "narrow":
            pair = rng.random(whole.shape, dtype=np.float32)
        case "graphs":
            # Many differences are 0 but for rounding: a trap for who compares sums.
            pair = np.where(whole > 50, 0.1, 0.3)
            pair = pair + pair.transpose(0, 2, 1)
        case "symmetric":
            pair = whole + whole.transpose(0, 2, 1)
        case "diagonal":
            pair = whole * np.eye(order, dtype=int) + whole // 40
        case _:
            pair = whole > 50
    return pair[0], pair[1]


def fixed_pairs(order: int, seed: int, share: float) -> Any:
    rng = np.random.default_rng(seed + 99)
    count = int(share * order)
    rows = np.sort(rng.permutation(order)[:count])
    return np.stack([rows, rng.permutation(order)[:count]], axis=1)


def both(a: Any, b: Any, method: str, options: Any, rng: Any) -> tuple[Any, Any]:
    """Return scipy's result and ours, each with random numbers of its own."""
    results = []
    for function in (scipy.optimize.quadratic_assignment, quadratic_assignment):
        own = {} if rng is None else {"rng": rng()}
        with warnings.catch_warnings():
            # scipy announces what integers will mean; both have to draw the same yet.
            warnings.simplefilter("ignore", FutureWarning)
            results.append(function(a, b, method=method, options=options | own))
    return results[0], results[1]


def assert_never_worse(a: Any, b: Any, theirs: Any, ours: Any, options: Any) -> None:
    wide = np.result_type(a.dtype, b.dtype, np.int64)
    left, right = a.astype(wide), b.astype(wide)
    their_fun, our_fun = (
        np.sum(left * right[p][:, p]) for p in (theirs.col_ind, ours.col_ind)
    )
    assert ours.fun == our_fun
    assert sorted(ours.col_ind.tolist()) == list(range(len(a)))
    if options.get("maximize"):
        assert our_fun >= their_fun
    else:
        assert our_fun <= their_fun
    for row, column in options.get("partial_match", ()):
        assert ours.col_ind[row] == column


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("name", [*SMALL, *LARGER])
def test_by_default_on_library_instances(name: str, maximize: bool) -> None:
    a, b = load(name).flow, load(name).distance
    options = {"maximize": maximize}
    theirs, ours = both(a, b, "faq", options, None)
    assert_never_worse(a, b, theirs, ours, options)
    assert ours.nit == theirs.nit


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("name", SMALL)
def test_two_opt_on_library_instances(name: str, maximize: bool) -> None:
    a, b = load(name).flow, load(name).distance
    options = {"maximize": maximize, "partial_match": fixed_pairs(len(a), 1, 0.2)}
    for chosen in ({"maximize": maximize}, options):
        theirs, ours = both(a, b, "2opt", chosen, lambda: np.random.default_rng(1))
        np.testing.assert_array_equal(ours.col_ind, theirs.col_ind)
        assert (ours.fun, ours.nit) == (theirs.fun, theirs.nit)


def seven() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_on_random_matrices(kind: str, maximize: bool, share: float) -> None:
    for seed in range(3):
        a, b = matrices(kind, 11, seed)
        options = {
            "maximize": maximize,
            "partial_match": fixed_pairs(11, seed, share),
        }
        for method, more in (
            ("faq", {}),
            ("faq", {"P0": "randomized", "maxiter": 5}),
            ("faq", {"shuffle_input": True, "tol": 0.2}),
            ("2opt", {}),
        ):
            theirs, ours = both(a, b, method, options | more, seven)
            assert_never_worse(a, b, theirs, ours, options)
            if method == "2opt":
                np.testing.assert_array_equal(ours.col_ind, theirs.col_ind)
                assert ours.nit == theirs.nit


@pytest.mark.parametrize("method", ["faq", "2opt"])
@pytest.mark.parametrize("rng", [5, np.int64(5)])
def test_an_integer_draws_what_it_draws_at_scipy(method: str, rng: Any) -> None:
    a, b = matrices("integers", 14, 3)
    options = {"P0": "randomized"} if method == "faq" else {}
    theirs, ours = both(a, b, method, options, lambda: rng)
    assert_never_worse(a, b, theirs, ours, options)
    assert ours.nit == theirs.nit


def test_an_older_generator_draws_what_it_draws_at_scipy() -> None:
    a, b = matrices("floats", 14, 3)
    with pytest.warns(DeprecationWarning, match="RandomState"):
        theirs, ours = both(a, b, "2opt", {}, lambda: np.random.RandomState(5))
    np.testing.assert_array_equal(ours.col_ind, theirs.col_ind)


def test_a_guess_is_where_both_begin() -> None:
    a, b = matrices("floats", 12, 1)
    options = {
        "partial_guess": fixed_pairs(12, 4, 0.5),
        "partial_match": np.empty((0, 2)),
    }
    theirs, ours = both(a, b, "2opt", options, lambda: np.random.default_rng(2))
    np.testing.assert_array_equal(ours.col_ind, theirs.col_ind)


@pytest.mark.parametrize(
    "method", [name for name in METHODS if name not in ("faq", "linear_assignment")]
)
@pytest.mark.parametrize("maximize", [False, True])
def test_other_methods_beside_scipys_default(method: str, maximize: bool) -> None:
    a, b = load("rou15").flow, load("rou15").distance
    shared = {"maximize": maximize, "partial_match": fixed_pairs(15, 1, 0.3)}
    theirs = scipy.optimize.quadratic_assignment(a, b, options=shared)
    own = shared | {"maxiter": 30, "seed": 1}
    ours = quadratic_assignment(a, b, method, own)
    assert_never_worse(a, b, theirs, ours, shared)
