"""One run: a search in slices, watched by stop rules, bounds and an observer."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from worker.qap.arrays import IntVector
from worker.qap.bounding import Bounding
from worker.qap.bounds import BOUNDS
from worker.qap.bounds.bound import Bound
from worker.qap.exceptions import (
    UnknownBoundError,
    UnknownMethodError,
    UnsupportedInstanceError,
)
from worker.qap.gap import meets_bound
from worker.qap.instance import Instance
from worker.qap.integrality import Integrality, integrality
from worker.qap.methods import METHODS
from worker.qap.methods.method import Method, Parameters, Search
from worker.qap.objective import objective
from worker.qap.observer import Observer
from worker.qap.pace import Pace
from worker.qap.permutation import checked_permutation
from worker.qap.result import Progress, Result, Termination
from worker.qap.sliced import SlicedSearch
from worker.qap.stop import (
    Interrupt,
    IterationLimit,
    SameEnd,
    StopRule,
    TimeLimit,
)

_SLICE_S: Final = 0.03

Immigrants = Callable[[], ArrayLike | None]


def solve(
    instance: Instance,
    method: str = "tabu_search",
    *,
    stop: StopRule | Sequence[StopRule],
    rng: np.random.Generator,
    observer: Observer | None = None,
    parameters: Parameters | None = None,
    start: ArrayLike | None = None,
    clock: Callable[[], float] = time.perf_counter,
    bounds: Sequence[str] | None = None,
    immigrants: Immigrants | None = None,
) -> Result:
    """Search for a permutation of low objective until a rule says stop.

    Parameters
    ----------
    instance
        What to solve.
    method
        A name in `METHODS`.
    stop
        When to end; of several rules the first in order that holds is named. A run
        also ends when its objective is proven optimal. No rule at all means that.
    rng
        The source of all randomness.
    observer
        Hears of everything, between slices. None means nobody listens.
    parameters
        Those of the method that differ from their defaults.
    start
        Shape ``(n,)``, integers: the permutation to resume from; the result is never
        worse. None draws one from `rng`.
    clock
        Returns seconds that never fall.
    bounds
        Names in `BOUNDS`: computed one after another beside the search. None means
        all that apply, the cheapest first; beside an exact method, which proves its
        own, none.
    immigrants
        Asked between slices for a permutation that somebody else has found: shape
        ``(n,)``, integers, or None. One that is better becomes the incumbent, and the
        search hears of every one. Without it, or while it returns None, the run is the
        same as if there were nobody else.

    Returns
    -------
    Result
        The incumbent, why the run ended, and what is proven. With an
        `IterationLimit` alone it is the same for the same seed, whatever the clock.

    Raises
    ------
    UnknownMethodError, UnknownBoundError
        There is none of that name.
    UnsupportedInstanceError
        The method or one of the bounds named cannot handle this instance.
    InvalidParameterError, InvalidPermutationError
        `parameters`, `start` or an immigrant are wrong.

    Notes
    -----
    The search and the bounds take turns in slices of about 30 ms and 20 ms; the first
    are far shorter, so that the first incumbent comes at once. Once something is
    proven, bounds may take an eighth of the time, so that searching keeps its speed.

    A bound is told as the least objective that the instance can have at or above it,
    see `integrality`: where both matrices are symmetric integers, an even one.

    Examples
    --------
    >>> from worker.qap.stop import IterationLimit
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> result = solve(
    ...     instance, stop=IterationLimit(9), rng=np.random.default_rng(1)
    ... )
    >>> result.objective, str(result.termination)
    (11, 'optimal')
    """
    chosen = _method(method)
    reason = chosen.supports(instance)
    if reason is not None:
        raise UnsupportedInstanceError(f"{chosen.name}: {reason}.")
    wanted = _bounds(bounds, chosen, instance)
    first = None if start is None else checked_permutation(start, instance.order)
    rules = list(stop) if isinstance(stop, Sequence) else [stop]
    begun = clock()
    search = chosen.start(instance, rng, parameters, first)
    run = _Run(instance, search, observer or Observer(), clock, begun, immigrants)
    run.observer.on_start(instance, chosen.name)
    termination = run.until(rules, Bounding(instance, wanted, clock), chosen)
    result = Result(
        method=chosen.name,
        method_version=chosen.version,
        objective=run.objective,
        permutation=run.permutation,
        bound=run.bound,
        bound_name=run.bound_name,
        termination=termination,
        iterations=run.iterations,
        elapsed_s=clock() - begun,
        improvements=search.improvements,
    )
    run.observer.on_end(result)
    return result


class _Run:
    """What is known between two slices."""

    def __init__(
        self,
        instance: Instance,
        search: Search,
        observer: Observer,
        clock: Callable[[], float],
        begun: float,
        immigrants: Immigrants | None,
    ) -> None:
        self.instance = instance
        self.search = search
        self.observer = observer
        self.clock = clock
        self.begun = begun
        self.immigrants = immigrants
        self.iterations = 0
        self.permutation: IntVector = search.permutation
        self.objective = objective(instance, self.permutation)
        self.last_improvement_s = 0.0
        self.bound: int | float | None = None
        self.bound_name: str | None = None
        self.pace = Pace(_SLICE_S)
        self.integrality: Integrality | None = None

    def until(
        self, rules: Sequence[StopRule], bounding: Bounding, method: Method
    ) -> Termination:
        """Take turns until a rule holds, the optimum is proven, or all is done."""
        most = min(
            (
                rule.iterations
                for rule in rules
                if isinstance(rule, IterationLimit | SameEnd)
            ),
            default=None,
        )
        until_s = min(
            (rule.seconds for rule in rules if isinstance(rule, TimeLimit)),
            default=math.inf,
        )
        self.observer.on_incumbent(self.progress(), self.permutation.copy())
        while True:
            progress = self.progress()
            self.observer.on_slice(progress)
            if self.admit_immigrant():
                progress = self.progress()
            if meets_bound(self.objective, self.bound, is_exact=self.instance.is_exact):
                return Termination.OPTIMAL
            for rule in rules:
                termination = rule(progress)
                if termination is not None:
                    return termination
            if self.search.finished:
                return Termination.STALLED
            left_s = until_s - progress.elapsed_s
            self.advance_search(
                # `SameEnd` may go into the iteration after its last.
                left_s,
                None if most is None else max(1, most - self.iterations),
            )
            self.raise_bound(self.search.bound, method.name)
            # Between the two slices as well: who asks for the end waits for one.
            termination = self.interruption(rules)
            if termination is not None:
                return termination
            value = bounding.advance(self.clock() - self.begun)
            self.raise_bound(value, bounding.name or method.name)

    def interruption(self, rules: Sequence[StopRule]) -> Termination | None:
        progress = self.progress()
        for rule in rules:
            if isinstance(rule, Interrupt) and (reason := rule(progress)) is not None:
                return reason
        return None

    def progress(self) -> Progress:
        return Progress(
            iterations=self.iterations,
            elapsed_s=self.clock() - self.begun,
            objective=self.objective,
            bound=self.bound,
            last_improvement_s=self.last_improvement_s,
        )

    def advance_search(self, left_s: float, left: int | None) -> None:
        steps = self.pace.within(left_s)
        if left is not None:
            steps = min(steps, left)
        before = self.clock()
        done = self.search.advance(steps)
        self.pace.learn(done, self.clock() - before)
        self.iterations += done
        if self.search.objective >= self.objective:
            return
        permutation = self.search.permutation
        value = objective(self.instance, permutation)
        if value < self.objective:
            self.objective, self.permutation = value, permutation
            self.last_improvement_s = self.clock() - self.begun
            self.observer.on_incumbent(self.progress(), permutation.copy())

    def admit_immigrant(self) -> bool:
        """Ask for a permutation found elsewhere; return whether it is the incumbent."""
        given = None if self.immigrants is None else self.immigrants()
        if given is None:
            return False
        permutation = checked_permutation(given, self.instance.order)
        value = objective(self.instance, permutation)
        if isinstance(self.search, SlicedSearch):
            self.search.welcome(permutation, value)
        if not value < self.objective:
            return False
        self.objective, self.permutation = value, permutation.copy()
        self.last_improvement_s = self.clock() - self.begun
        self.observer.on_immigrant(self.progress(), permutation.copy())
        return True

    def raise_bound(self, value: int | float | None, name: str) -> None:
        if value is None:
            return
        if self.instance.is_exact:
            if self.integrality is None:
                self.integrality = integrality(self.instance)
            value = self.integrality.round_up(value)
        if self.bound is not None and value <= self.bound:
            return
        self.bound, self.bound_name = value, name
        self.observer.on_bound(self.progress(), name)


def _method(name: str) -> Method:
    if name not in METHODS:
        raise UnknownMethodError(name, METHODS)
    return METHODS[name]


def _bounds(
    names: Sequence[str] | None, method: Method, instance: Instance
) -> list[Bound]:
    if names is None:
        # An exact method proves its own, with all the time there is.
        candidates = () if method.kind == "exact" else BOUNDS.values()
        return [bound for bound in candidates if bound.applies(instance) is None]
    wanted = [_bound(name) for name in names]
    for bound in wanted:
        reason = bound.applies(instance)
        if reason is not None:
            raise UnsupportedInstanceError(f"{bound.name}: the instance {reason}.")
    return wanted


def _bound(name: str) -> Bound:
    if name not in BOUNDS:
        raise UnknownBoundError(name, BOUNDS)
    return BOUNDS[name]
