"""scipy's `quadratic_assignment`, answered by this library: change the import alone.

from worker.qap.scipy_compat import quadratic_assignment
"""

import operator
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeResult, OptimizeWarning
from scipy.optimize import quadratic_assignment as scipys_quadratic_assignment

from worker.qap.arrays import IntVector
from worker.qap.descent import Descent
from worker.qap.methods import METHODS
from worker.qap.methods.method import Method
from worker.qap.restarting import restarting_descent
from worker.qap.result import Termination
from worker.qap.scipy_question import Question, checked_pairs
from worker.qap.solve_problem import solve_problem
from worker.qap.stop import IterationLimit, StopRule, TimeLimit

Options = Mapping[str, Any]
Answer = Callable[[Question, Options], OptimizeResult]

_SECONDS: Final = 1.0
_CHOICE: Final = 2  # with fewer nodes to match there is none
_SEEDS: Final = int | np.integer | np.random.Generator | np.random.RandomState


def quadratic_assignment(
    A: ArrayLike,  # noqa: N803
    B: ArrayLike,  # noqa: N803
    method: str = "faq",
    options: Options | None = None,
) -> OptimizeResult:
    r"""Find a permutation with a low sum of products, called as scipy's function is.

    The objective is :math:`\sum_{i,j} A_{ij} B_{p_i p_j}`, the trace of
    :math:`A^T P B P^T`: that of `Instance` with A as flow and B as distance.

    Parameters
    ----------
    A, B
        Shape ``(n, n)``: real numbers. Either may be asymmetric and have negative
        entries and a diagonal.
    method
        ``"faq"`` begins where scipy's FAQ ends, and makes every swap that improves.
        ``"2opt"`` makes the swaps that scipy's 2-opt makes, each weighed in linear
        instead of quadratic time. Any other name in `METHODS` begins where ``"faq"``
        ends and searches on for as long as it may.
    options
        For all: ``maximize`` (False), ``partial_match`` (None; pairs ``(i, p_i)`` that
        are fixed, in any order), ``rng`` (None: another one each time), and ``seed``,
        an integer to make a generator of instead.

        For ``"faq"`` scipy's ``P0``, ``shuffle_input``, ``maxiter`` and ``tol``. For
        ``"2opt"`` ``partial_guess`` (None; pairs to begin with).

        For the others ``partial_guess`` (begins with that, not with FAQ), ``time_s``
        (1 second in all; no limit for ``"exact"``, and where ``maxiter`` is given),
        ``maxiter`` (None; iterations of the method) and ``parameters`` (its own).

    Returns
    -------
    OptimizeResult
        ``col_ind``, ``fun`` and ``nit`` as scipy's: the permutation, its objective, and
        how many steps of Frank and Wolfe, pairs looked at, or iterations there were.
        Other methods add ``bound``, ``termination`` and ``elapsed_s``.

    Raises
    ------
    ValueError
        There is no such method; or matrices, pairs or options are wrong.
    TypeError
        Something is not of the type that it has to be.

    Warns
    -----
    OptimizeWarning
        An option that the method does not have was given, and is passed over.

    Notes
    -----
    `fun` is exact for integers of any size, where scipy's overflows. With ``"faq"`` it
    is never worse than scipy's of the same arguments, for that is where it starts; with
    ``"2opt"`` it is the same for the same draws: where rounding could change the sign
    of a difference, both objectives are added up as scipy does it. Other methods are
    never worse than ``"faq"`` with its defaults.

    ``"faq"`` takes :math:`O(n^3)` time a step and a round of swaps, ``"2opt"``
    :math:`O(n^3)` a round, scipy's :math:`O(n^4)`.

    Examples
    --------
    >>> found = quadratic_assignment([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> found.col_ind, int(found.fun)
    (array([1, 0]), 11)
    >>> found = quadratic_assignment(
    ...     [[0, 3], [1, 0]], [[0, 5], [2, 0]], "exact", {"maximize": True, "seed": 1}
    ... )
    >>> int(found.fun), found.termination
    (17, 'optimal')
    """
    name = method.lower()
    if name not in (*_AS_SCIPY, *METHODS):
        raise ValueError(_unknown("method", method, [*_AS_SCIPY, *METHODS]))
    if name in _AS_SCIPY:
        answer, known = _AS_SCIPY[name]
    else:
        answer, known = partial(_by_ours, METHODS[name]), _OURS
    given = dict(options or {})
    for option in [option for option in given if option not in known]:
        message = _unknown(f"option of {name}", option, known)
        warnings.warn(message, OptimizeWarning, stacklevel=2)
        del given[option]
    if given.get("rng") is not None and given.get("seed") is not None:
        raise ValueError("Give rng or seed, not both.")
    question = Question(
        A,
        B,
        maximize=given.pop("maximize", False),
        partial_match=given.pop("partial_match", None),
    )
    return answer(question, given)


def _by_faq(question: Question, given: Options) -> OptimizeResult:
    theirs = {key: value for key, value in given.items() if key not in ("rng", "seed")}
    start = theirs.get("P0")
    is_drawn = theirs.get("shuffle_input") or (
        isinstance(start, str) and start == "randomized"
    )
    if given.get("seed") is not None:
        theirs["rng"] = np.random.default_rng(given["seed"])
    elif is_drawn or not isinstance(given.get("rng"), _SEEDS | None):
        theirs["rng"] = given.get("rng")
    if theirs.get("rng") is None:
        # Else scipy looks at numpy's global state, and warns if somebody has seeded it.
        theirs["rng"] = np.random.default_rng()
    a, b = question.in_range()
    theirs |= {"maximize": question.maximize, "partial_match": question.match}
    found = scipys_quadratic_assignment(a, b, method="faq", options=theirs)
    permutation = np.asarray(found.col_ind, dtype=np.int64)
    return _result(question, _descended(question, permutation), int(found.nit))


def _by_two_opt(question: Question, given: Options) -> OptimizeResult:
    rng = _drawn_from(given)
    permutation = _start(question, given.get("partial_guess"), rng)
    if question.free < _CHOICE:
        return _result(question, permutation, question.free)
    permutation, pairs = restarting_descent(
        question.ready,
        question.reduction.reduce(permutation),
        question.margin,
        question.looks_better,
    )
    return _result(question, question.reduction.restore(permutation), pairs)


def _by_ours(method: Method, question: Question, given: Options) -> OptimizeResult:
    begun = time.perf_counter()
    seed = given.get("rng") if given.get("seed") is None else given["seed"]
    rng = np.random.default_rng(seed)
    guess, maxiter = given.get("partial_guess"), given.get("maxiter")
    if guess is None:
        start = _by_faq(question, {}).col_ind
    else:
        start = _start(question, guess, rng)
    if question.order == 0:
        return _told(question, start, 0, 0, Termination.OPTIMAL, begun)
    rules: list[StopRule] = []
    if maxiter is not None:
        rules.append(IterationLimit(operator.index(maxiter)))
    time_s = given.get("time_s")
    if time_s is None and maxiter is None and method.kind != "exact":
        time_s = _SECONDS
    if time_s is not None:
        limit = TimeLimit(time_s)
        left_s = limit.seconds - (time.perf_counter() - begun)
        rules.append(TimeLimit(max(0.0, left_s)))
    found = solve_problem(
        question.reduction.problem,
        method.name,
        stop=rules,
        rng=rng,
        parameters=given.get("parameters"),
        start=start,
        # An exact method proves its own.
        bounds=() if method.kind == "exact" else ("gilmore_lawler",),
    )
    permutation, bound, termination = start, found.bound, found.termination
    if question.is_better(start, found.permutation):
        permutation = found.permutation
    if question.is_scaled:
        # What is proven is so of rounded numbers.
        bound = None
        if termination is Termination.OPTIMAL:
            termination = Termination.STALLED
    return _told(question, permutation, found.iterations, bound, termination, begun)


def _descended(question: Question, permutation: IntVector) -> IntVector:
    """Return what swaps make of a permutation: never worse."""
    if question.free < _CHOICE:
        return permutation
    reduction = question.reduction
    descent = Descent(question.ready)
    descent.start(reduction.reduce(permutation))
    while not descent.finished:
        descent.advance(descent.portion)
    found = reduction.restore(descent.permutation)
    return found if question.is_better(permutation, found) else permutation


def _start(
    question: Question, guess: ArrayLike | None, rng: np.random.Generator
) -> IntVector:
    """Return what is fixed, then what is guessed, then anything."""
    fixed = question.match
    pairs = checked_pairs(guess, "partial_guess", question.order)
    is_open = ~np.isin(pairs[:, 0], fixed[:, 0]) & ~np.isin(pairs[:, 1], fixed[:, 1])
    pairs = np.concatenate([fixed, pairs[is_open]])
    permutation = np.full(question.order, -1, dtype=np.int64)
    permutation[pairs[:, 0]] = pairs[:, 1]
    left = np.setdiff1d(np.arange(question.order), pairs[:, 1])
    permutation[permutation < 0] = rng.permutation(left)
    return permutation


def _drawn_from(given: Options) -> np.random.Generator:
    """Return what scipy draws from, given the same `rng`."""
    rng = given.get("rng")
    if given.get("seed") is not None or rng is None:
        return np.random.default_rng(given.get("seed"))
    if isinstance(rng, int | np.integer):
        # scipy announces that an integer will seed a Generator; it does not yet.
        rng = np.random.RandomState(rng)
    if not isinstance(rng, np.random.Generator | np.random.RandomState):
        raise ValueError(f"rng is {rng!r}, neither a numpy Generator nor an integer.")
    return rng  # type: ignore[return-value]  # both have `permutation`


def _result(
    question: Question, permutation: IntVector, iterations: int
) -> OptimizeResult:
    return OptimizeResult(
        col_ind=permutation, fun=question.score(permutation), nit=iterations
    )


def _told(
    question: Question,
    permutation: IntVector,
    iterations: int,
    bound: float | None,
    termination: Termination,
    begun: float,
) -> OptimizeResult:
    result = _result(question, permutation, iterations)
    result.bound = bound
    result.termination = str(termination)
    result.elapsed_s = time.perf_counter() - begun
    return result


def _unknown(noun: str, name: object, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(str(name).lower(), names, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}."
    return f"There is no {noun} {name!r}. {hint}"


_EVERYWHERE: Final = ("maximize", "partial_match", "rng", "seed")
_OURS: Final = (*_EVERYWHERE, "partial_guess", "time_s", "maxiter", "parameters")
_AS_SCIPY: Final[dict[str, tuple[Answer, tuple[str, ...]]]] = {
    "faq": (_by_faq, (*_EVERYWHERE, "P0", "shuffle_input", "maxiter", "tol")),
    "2opt": (_by_two_opt, (*_EVERYWHERE, "partial_guess")),
}
