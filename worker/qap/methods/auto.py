"""The method that chooses: by order, by structure, and by what has been proven."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector, Matrix
from worker.qap.instance import Instance
from worker.qap.methods.breakout import METHOD as BREAKOUT
from worker.qap.methods.exact import METHOD as EXACT
from worker.qap.methods.faq import METHOD as FAQ
from worker.qap.methods.linear_assignment import METHOD as LINEAR_ASSIGNMENT
from worker.qap.methods.memetic import METHOD as MEMETIC
from worker.qap.methods.method import Method, Parameters, Search
from worker.qap.sliced import SlicedSearch

_PROVABLE = 25  # facilities up to which a proof is worth half of the time
_LARGE = 300  # facilities from which on a population is never filled
_DOMINANT = 2.0  # above this dominance long jumps and long walks pay
_RUGGED = {"population": 4, "stall": 500, "patience": 20, "least_jump": 0.15}
_RUGGED_LARGE = {"population": 10, "stall": 50, "patience": 100, "least_jump": 0.15}
_METRIC = {"population": 30, "stall": 10, "patience": 30}
_METRIC_LARGE = {"population": 15, "stall": 10, "patience": 400}
_UNIFORM = {"population": 30, "stall": 100, "patience": 100}
_UNIFORM_LARGE = {"population": 40, "stall": 50, "patience": 400, "taboo": 1}
# Facilities up to which the settings are not those called large.
_MOST_RUGGED, _MOST_METRIC, _MOST_UNIFORM = 120, 120, 70
_FAQ_STEPS = 30
# When two searches take turns, some milliseconds each.
_MEMETIC_TURN = 2**23  # divided by the square of the order
_EXACT_TURN = 100
_HEAD_START = 10  # turns of the memetic search before the first proof


@dataclass(slots=True, eq=False)
class _Stage:
    search: Search
    done: int = 0
    """How many iterations it has done."""
    heard: tuple[IntVector, float] | None = None
    """The last immigrant that it was told of."""


class Auto(SlicedSearch):
    """Run the methods that suit the instance, one after another or in turns.

    ===========================  ================================================
    instance                     what runs
    ===========================  ================================================
    without flow                 `linear_assignment`
    up to 25 facilities          `memetic` and `exact` in turns, until it is proven
    two graphs (0/1 matrices)    one descent of `faq`, then `memetic`
    more than 300 facilities     one descent of `faq`, then `breakout`
    very unequal entries         `memetic` with few members, long walks, long jumps
    distances in a space         `memetic` with many members and short walks
    any other, up to 70          `memetic` with many members and longer walks
    any other                    `memetic` by taboo search, with most members
    ===========================  ================================================

    Entries are very unequal if the standard deviation of one matrix exceeds twice its
    mean; that quotient is its *dominance*. Distances are those of a space if one matrix
    satisfies the triangle inequality.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: where to start; copied.

    Notes
    -----
    An iteration is one of the method that is running.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = Auto(instance, np.random.default_rng(1), np.array([2, 1, 0]))
    >>> while not search.finished:
    ...     done = search.advance(1000)
    >>> search.objective, search.bound
    (56, 56)
    """

    def __init__(
        self, instance: Instance, rng: np.random.Generator, permutation: IntVector
    ) -> None:
        super().__init__(instance, permutation)
        self._instance = instance
        self._rng = rng

    @override
    def portions(self) -> Iterator[int]:
        instance = self._instance
        if LINEAR_ASSIGNMENT.supports(instance) is None:
            yield from self._go_on(self._begin(LINEAR_ASSIGNMENT))
        elif instance.order <= _PROVABLE and EXACT.supports(instance) is None:
            yield from self._search_and_prove()
        else:
            if instance.order > _LARGE or _is_matching(instance):
                yield from self._go_on(self._begin(FAQ), _FAQ_STEPS)
            if instance.order > _LARGE:
                yield from self._go_on(self._begin(BREAKOUT))
            else:
                yield from self._go_on(self._begin(MEMETIC, _settings(instance)))

    def _search_and_prove(self) -> Iterator[int]:
        memetic = self._begin(MEMETIC)
        turn = max(1, _MEMETIC_TURN // self._instance.order**2)
        yield from self._go_on(memetic, _HEAD_START * turn)
        # Its own taboo search would only find again what is known.
        exact = self._begin(EXACT, {"swaps": 0})
        while not exact.search.finished:
            yield from self._go_on(exact, _EXACT_TURN)
            yield from self._go_on(memetic, turn)

    def _begin(self, method: Method, parameters: Parameters | None = None) -> _Stage:
        start = self.permutation
        return _Stage(method.start(self._instance, self._rng, parameters, start))

    def _go_on(self, stage: _Stage, iterations: int | None = None) -> Iterator[int]:
        """Advance a search, so many iterations at most, until it has finished."""
        search, left = stage.search, iterations
        while not search.finished and left != 0:
            offset = self.iterations - stage.done
            if isinstance(search, SlicedSearch) and self.immigrant is not stage.heard:
                search.immigrant = stage.heard = self.immigrant
            allowed = self.allowance if left is None else min(left, self.allowance)
            done = search.advance(allowed)
            stage.done += done
            if left is not None:
                left -= done
            if search.objective < self.objective:
                found = search.permutation
                self.incumbent.follow(found, search.improvements, offset)
            proven = search.bound
            if proven is not None and (self.bound is None or proven > self.bound):
                self.bound = proven
            yield done


def _settings(instance: Instance) -> Parameters:
    matrices = (instance.flow, instance.distance)
    if max(map(_dominance, matrices)) > _DOMINANT:
        return _RUGGED if instance.order <= _MOST_RUGGED else _RUGGED_LARGE
    if any(map(_is_metric, matrices)):
        return _METRIC if instance.order <= _MOST_METRIC else _METRIC_LARGE
    return _UNIFORM if instance.order <= _MOST_UNIFORM else _UNIFORM_LARGE


def _is_metric(matrix: Matrix) -> bool:
    """Tell whether no detour is shorter than the direct way."""
    return all(
        bool((matrix <= matrix[:, j, np.newaxis] + matrix[j]).all())
        for j in range(len(matrix))
    )


def _dominance(matrix: Matrix) -> float:
    others = np.abs(matrix[~np.eye(len(matrix), dtype=np.bool_)])
    mean = float(others.mean())
    return float(others.std()) / mean if mean else 0.0


def _is_matching(instance: Instance) -> bool:
    matrices = (instance.flow, instance.distance)
    return all(bool(((m == 0) | (m == m.max())).all()) for m in matrices)


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> Auto:
    return Auto(instance, rng, permutation)


METHOD = Method(
    name="auto",
    title="Automatic choice",
    summary="Chooses by order and structure; small instances are also proven.",
    kind="heuristic",
    version="4",
    parameters=(),
    complexity_time="that of the method that is running",
    complexity_space="O(n^2); O(n^5) up to 25 facilities",
    category="portfolio",
    best_for=("whoever does not want to choose",),
    reference="the pages of the methods it runs",
    begin=_begin,
)
