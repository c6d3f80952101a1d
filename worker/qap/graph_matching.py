"""Graph matching: which vertex of one graph is which of another."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from worker.qap.arrays import IntVector
from worker.qap.gap import meets_bound
from worker.qap.matrices import checked_matrix, is_symmetric
from worker.qap.observer import Observer
from worker.qap.problem import Problem
from worker.qap.rearrangement import largest_product
from worker.qap.result import Result, Termination
from worker.qap.solve_problem import solve_problem
from worker.qap.stop import IterationLimit, StopRule, TargetObjective, TimeLimit

_FAQ_ITERATIONS = 300
_FAQ_SHARE = 0.5
_ROUNDING = 1e-9
_USED_UP = (Termination.ITERATION_LIMIT, Termination.TIME_LIMIT)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Which vertex is which, and how well the edges agree.

    Parameters
    ----------
    permutation
        Shape ``(m,)``, int64, one entry for each vertex of the first graph: its
        partner in the second, or -1 if it has none, because the second is smaller.
    common_edges
        How many edges of the one fall on edges of the other; undirected edges count
        once.
    edge_agreement
        That as a share of the edges of the graph with fewer: 1 is as much as can be,
        and so it is if one graph has no edges.
    objective
        The sum over all ordered pairs of vertices of the product of their weights in
        both graphs: what was maximised.
    bound
        No matching has a larger objective.
    termination
        Why the search ended: `OPTIMAL` if the objective meets the bound.
    iterations
        How many were done: Frank-Wolfe steps, then swaps of the taboo search.
    elapsed_s
        Seconds, by the clock that was given.
    """

    permutation: IntVector
    common_edges: int
    edge_agreement: float
    objective: int | float
    bound: int | float
    termination: Termination
    iterations: int
    elapsed_s: float


def match_graphs(
    a: ArrayLike,
    b: ArrayLike,
    *,
    seeds: Sequence[tuple[int, int]] = (),
    stop: StopRule | Sequence[StopRule],
    rng: np.random.Generator,
    observer: Observer | None = None,
    faq_iterations: int = _FAQ_ITERATIONS,
    clock: Callable[[], float] = time.perf_counter,
) -> Matching:
    r"""Match the vertices of two graphs so that as many edges as possible agree.

    Maximises :math:`\sum_{i,j} a_{i,j}\, b_{p_i,p_j}`. `faq` looks for a good matching
    in the relaxation, then `tabu_search` improves it by swaps: the first finds what
    is globally right, the second what is left locally.

    Parameters
    ----------
    a, b
        Shape ``(m, m)`` and ``(n, n)``: adjacency matrices of ones and zeros, or of
        weights. Directed if not symmetric. The vertices of the smaller graph are all
        matched, some of the larger are not.
    seeds
        Pairs ``(vertex of a, vertex of b)`` that are known to be the same.
    stop
        When to end, as for `solve_problem`: limits of time and iterations are shared
        by both searches, every other rule looks at each of them.
    rng
        The source of all randomness.
    observer
        Hears two runs, one after the other: each counts iterations and seconds of
        its own, and permutations are of the smaller graph's vertices.
    faq_iterations
        The most iterations of `faq`; it also has at most half of a `TimeLimit`.
    clock
        Returns seconds that never fall.

    Returns
    -------
    Matching
        The best that was found.

    Raises
    ------
    InvalidInstanceError
        A matrix is not square, or holds something that is not a finite number; or
        `seeds` contradict each other. Its `pointer` says where, with ``flow`` and
        ``partial_match`` for what concerns both.

    Notes
    -----
    :math:`O(n^3)` time an iteration of `faq`, :math:`O(n^2)` one of `tabu_search`,
    with n the larger order. For graphs of one order and weights 0 and 1, maximising
    common edges is minimising the edges that disagree; a smaller graph may fall on
    more edges than it has.

    Examples
    --------
    >>> path = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> other = [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    >>> matching = match_graphs(
    ...     path, other, stop=IterationLimit(50), rng=np.random.default_rng(1)
    ... )
    >>> matching.permutation.tolist().index(0), matching.common_edges
    (1, 2)
    >>> matching.edge_agreement, str(matching.termination)
    (1.0, 'optimal')
    """
    first, second = checked_matrix(a, "a"), checked_matrix(b, "b")
    is_turned = len(first) > len(second)
    small, large = (second, first) if is_turned else (first, second)
    pairs = [pair[::-1] for pair in seeds] if is_turned else seeds
    problem = Problem(small, large, maximise=True, partial_match=pairs)
    bound = _bound(problem)
    limits = [*stop] if isinstance(stop, Sequence) else [stop]
    rules = [*limits, TargetObjective(_target(bound))]

    def search(method: str, rules: list[StopRule], start: IntVector | None) -> Result:
        return solve_problem(
            problem,
            method,
            stop=rules,
            rng=rng,
            observer=observer,
            start=start,
            clock=clock,
        )

    result = search("faq", [*rules, *_share(limits, faq_iterations)], None)
    left = [_left(rule, result) for rule in rules]
    if result.termination in _USED_UP and all(left):
        before = result
        result = search(
            "tabu_search", [rule for rule in left if rule], result.permutation
        )
        result = replace(
            result,
            iterations=before.iterations + result.iterations,
            elapsed_s=before.elapsed_s + result.elapsed_s,
        )
    return _matching(problem, result, bound, is_turned=is_turned)


def _bound(problem: Problem) -> int | float:
    """Return what the objective cannot exceed: all heavy edges on heavy edges."""
    missing = problem.locations - problem.facilities
    flow = np.pad(problem.flow, (0, missing))
    return largest_product(flow, problem.distance)


def _target(bound: int | float) -> int | float:
    return bound if isinstance(bound, int) else bound - _ROUNDING * abs(bound)


def _share(limits: Sequence[StopRule], iterations: int) -> list[StopRule]:
    """Return what ends the first search, so that there is time for the second."""
    seconds = [rule.seconds for rule in limits if isinstance(rule, TimeLimit)]
    half = [TimeLimit(_FAQ_SHARE * min(seconds))] if seconds else []
    return [IterationLimit(iterations), *half]


def _left(rule: StopRule, result: Result) -> StopRule | None:
    """Return the rule for the second search; None if there is nothing left of it."""
    if isinstance(rule, IterationLimit):
        iterations = rule.iterations - result.iterations
        return IterationLimit(iterations) if iterations > 0 else None
    if isinstance(rule, TimeLimit):
        seconds = rule.seconds - result.elapsed_s
        return TimeLimit(seconds) if seconds > 0 else None
    return rule


def _matching(
    problem: Problem, result: Result, bound: int | float, *, is_turned: bool
) -> Matching:
    small, large, permutation = problem.flow, problem.distance, result.permutation
    if result.bound is not None:
        bound = min(bound, result.bound)
    is_optimal = meets_bound(-result.objective, -bound, is_exact=problem.is_exact)
    there = large[np.ix_(permutation, permutation)]
    is_undirected = is_symmetric(small) and is_symmetric(large)
    common = _edges((small != 0) & (there != 0), is_undirected)
    most = min(_edges(matrix != 0, is_undirected) for matrix in (small, large))
    if is_turned:
        partner = np.full(len(large), -1, dtype=np.int64)
        partner[permutation] = np.arange(permutation.size)
        permutation = partner
    return Matching(
        permutation=permutation,
        common_edges=common,
        edge_agreement=common / most if most else 1.0,
        objective=result.objective,
        bound=bound,
        termination=Termination.OPTIMAL if is_optimal else result.termination,
        iterations=result.iterations,
        elapsed_s=result.elapsed_s,
    )


def _edges(is_edge: NDArray[np.bool_], is_undirected: bool) -> int:
    counted = np.tril(is_edge) if is_undirected else is_edge
    return int(np.count_nonzero(counted))
