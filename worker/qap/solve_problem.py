"""A run on a problem: its reduction is solved, everything told in its own terms."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.methods.method import Parameters
from worker.qap.observer import Observer
from worker.qap.problem import Problem
from worker.qap.reduction import Reduction
from worker.qap.result import Progress, Result, Termination
from worker.qap.solve import solve
from worker.qap.stop import (
    GapLimit,
    Interrupt,
    IterationLimit,
    SameEnd,
    StopRule,
    TargetObjective,
    TimeLimit,
)


def solve_problem(
    problem: Problem,
    method: str = "tabu_search",
    *,
    stop: StopRule | Sequence[StopRule],
    rng: np.random.Generator,
    observer: Observer | None = None,
    parameters: Parameters | None = None,
    start: ArrayLike | None = None,
    clock: Callable[[], float] = time.perf_counter,
    bounds: Sequence[str] = ("gilmore_lawler",),
) -> Result:
    """Search for a permutation of `problem` with a good objective.

    Parameters
    ----------
    problem
        What to solve.
    method
        A name in `METHODS`: each solves every problem whose reduction it supports.
    stop
        As for `solve`, in the problem's terms: `TargetObjective` is reached from
        above to minimise and from below to maximise, and a rule of one's own sees
        the objective and the bound as the problem counts them.
    rng
        The source of all randomness.
    observer
        Hears everything in the problem's terms: permutations of shape ``(m,)``,
        objectives that rise to maximise, bounds that then fall. Only `on_start` is
        told the instance that the problem is reduced to.
    parameters
        Those of the method that differ from their defaults.
    start
        Shape ``(m,)``, integers: the permutation to resume from; it must meet the
        conditions. None draws one that does from `rng`.
    clock
        Returns seconds that never fall.
    bounds
        Names in `BOUNDS`: computed in turn beside the search.

    Returns
    -------
    Result
        In the problem's terms: a permutation of shape ``(m,)`` that meets all
        conditions; its objective, computed from the problem's own matrices; a bound
        that is an upper one to maximise.

    Raises
    ------
    UnknownMethodError, UnknownBoundError
        There is none of that name.
    UnsupportedInstanceError
        The method cannot handle the reduction.
    InvalidParameterError, InvalidPermutationError
        `parameters` or `start` are wrong.
    InexactInstanceError
        The integers are too large; see `Reduction`.

    Notes
    -----
    What `solve` takes for the reduction, and that: see `Reduction`.

    Examples
    --------
    >>> problem = Problem([[0, 3], [1, 0]], [[0, 5, 1], [2, 0, 1], [1, 1, 0]],
    ...                   maximise=True, forbidden=[(0, 0)])
    >>> result = solve_problem(
    ...     problem, stop=IterationLimit(99), rng=np.random.default_rng(1)
    ... )
    >>> result.permutation, result.objective, result.bound, str(result.termination)
    (array([1, 0]), 11, 11, 'optimal')
    """
    reduction = Reduction(problem)
    rules = stop if isinstance(stop, Sequence) else [stop]
    first = reduction.draw(rng) if start is None else reduction.reduce(start)
    translator = _Translator(reduction, observer or Observer())
    result = solve(
        reduction.instance,
        method,
        stop=[_inward(rule, reduction) for rule in rules],
        rng=rng,
        observer=translator,
        parameters=parameters,
        start=first,
        clock=clock,
        bounds=bounds,
    )
    return translator.translated(result)


class _Translator(Observer):
    """Tells an observer of the problem what it hears of the reduction."""

    def __init__(self, reduction: Reduction, observer: Observer) -> None:
        self._reduction = reduction
        self._observer = observer

    @override
    def on_start(self, instance: Instance, method_name: str) -> None:
        self._observer.on_start(instance, method_name)

    @override
    def on_incumbent(self, progress: Progress, permutation: IntVector) -> None:
        self._observer.on_incumbent(
            self._reduction.outward_progress(progress),
            self._reduction.restore(permutation),
        )

    @override
    def on_bound(self, progress: Progress, bound_name: str) -> None:
        self._observer.on_bound(self._reduction.outward_progress(progress), bound_name)

    @override
    def on_slice(self, progress: Progress) -> None:
        self._observer.on_slice(self._reduction.outward_progress(progress))

    @override
    def on_end(self, result: Result) -> None:
        self._observer.on_end(self.translated(result))

    def translated(self, result: Result) -> Result:
        reduction = self._reduction
        permutation = reduction.restore(result.permutation)
        return replace(
            result,
            permutation=permutation,
            objective=reduction.problem.objective(permutation),
            bound=reduction.outward_bound(result.bound),
            improvements=reduction.outward_improvements(result.improvements),
        )


def _inward(rule: StopRule, reduction: Reduction) -> StopRule:
    """Return the rule that says of the reduction what `rule` says of the problem."""
    if isinstance(rule, TimeLimit | IterationLimit | Interrupt):
        return rule
    if isinstance(rule, SameEnd):
        return SameEnd(rule.iterations, reduction.inward(rule.objective))
    if isinstance(rule, TargetObjective):
        return TargetObjective(reduction.inward(rule.objective))

    def outward(progress: Progress) -> Termination | None:
        seen = reduction.outward_progress(progress)
        if isinstance(rule, GapLimit) and reduction.problem.maximise:
            # A gap counts from a lower bound: turn both round.
            bound = None if seen.bound is None else -seen.bound
            seen = replace(seen, objective=-seen.objective, bound=bound)
        return rule(seen)

    return outward
