"""Searches that flow through doubly stochastic matrices, round, and descend."""

from abc import abstractmethod
from collections.abc import Generator, Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.descent import Descent
from worker.qap.gradient_flow import LARGE, GradientFlow
from worker.qap.instance import Instance
from worker.qap.neighbourhood import neighbourhood
from worker.qap.objective import objective
from worker.qap.relaxation import alike_facilities
from worker.qap.sliced import SlicedSearch

_LENGTH = 1.0  # of a step of time, in units of the decay's
_OFFER_AFTER = 16  # portions of a descent


class FlowSearch(SlicedSearch):
    """A search whose iteration is one step of time of a flow.

    Rounding and descending count as none.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: where to start; copied.

    Attributes
    ----------
    rng
        As given.
    flow
        Stands at the barycentre at first; made by `prepare`.
    """

    flow: GradientFlow

    def __init__(
        self, instance: Instance, rng: np.random.Generator, permutation: IntVector
    ) -> None:
        super().__init__(instance, permutation)
        ready = neighbourhood(instance)
        self.rng = rng
        self._ready = ready
        self._instance = instance
        self._descent = Descent(ready)

    def prepare(self) -> Iterator[int]:
        """Make the flow, standing still in between where the instance is large.

        Yields
        ------
        int
            0, after each some milliseconds of work; nothing if it is small.
        """
        is_large = self._instance.order**2 >= LARGE
        # The first incumbent is told before.
        if is_large:
            yield 0
        facilities = alike_facilities(self._ready)
        if is_large:
            yield 0
        self.flow = GradientFlow(self._ready, facilities)
        if is_large:
            yield 0
        # Computed here, and kept.
        _ = self.flow.relaxation.temperature
        if is_large:
            yield 0

    @abstractmethod
    @override
    def portions(self) -> Iterator[int]: ...

    def cool(
        self, first: float, last: float, steps: int, smoothing: float = 0.0
    ) -> Iterator[int]:
        """Flow on, from one temperature to another.

        Parameters
        ----------
        first, last
            Temperatures, as multiples of the relaxation's, met in geometric steps.
        steps
            How many, at least 2.
        smoothing
            Of the first step; each next has half of it, until it is negligible.

        Yields
        ------
        int
            1 after each step, 0 within.
        """
        unit = self.flow.relaxation.temperature
        ratio = (last / first) ** (1 / (steps - 1))
        for k in range(steps):
            yield from self.flow.step(
                temperature=unit * first * ratio**k,
                length=_LENGTH,
                smoothing=smoothing / 2**k,
            )
            yield 1

    def settle(self) -> Generator[int, None, tuple[IntVector, int | float]]:
        """Round where the flow stands, descend, and offer what is found.

        Yields
        ------
        int
            0, after each some milliseconds of work.

        Returns
        -------
        tuple
            A permutation that no swap improves, and its objective.
        """
        rounded = yield from self.flow.rounded()
        return (yield from self.descend(rounded))

    def descend(
        self, permutation: IntVector
    ) -> Generator[int, None, tuple[IntVector, int | float]]:
        """Descend from a permutation and offer what is found.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64.

        Yields
        ------
        int
            0, after each some milliseconds of work.

        Returns
        -------
        tuple
            A permutation that no swap improves, and its objective.
        """
        descent, portions = self._descent, 0
        descent.start(permutation)
        while True:
            descent.advance(descent.portion)
            portions += 1
            found = descent.permutation
            if descent.finished or portions % _OFFER_AFTER == 0:
                yield from self.flow.pause()
                value = objective(self._instance, found)
                yield from self.flow.pause()
                self.incumbent.offer(found, value, self.iterations)
                if descent.finished:
                    return found.copy(), value
            yield 0
